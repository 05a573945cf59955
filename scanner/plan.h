// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/iface.h"
#include "net/result.h"
#include "scanner/address_set.h"

namespace scanner {

/// Addresses of one network that are asked from our address in it.
struct SourcedTargets {
  net::Ipv4Network network;
  net::Ipv4Address source;
  AddressSet targets;  ///< Not empty; without our own addresses, the network's own and its broadcast address.
};

/// What is asked through one interface.
struct InterfacePlan {
  net::Interface interface;
  std::vector<SourcedTargets> parts;  ///< Disjoint. Empty when there is only ourselves.

  AddressSet targets() const;
  /// Our own addresses on the interface, as far as they are among what was to be asked.
  std::vector<net::Ipv4Address> own;
};

struct Plan {
  std::vector<InterfacePlan> interfaces;  ///< Not empty.
  std::vector<std::string> warnings;
};

/// Why nothing can be scanned; `message` says what to do about it.
struct PlanError {
  enum class Kind { kNoInterface, kUsage };
  Kind kind = Kind::kNoInterface;
  std::string message;
};

struct PlanRequest {
  std::vector<AddressRange> targets;     ///< Empty: the interface's own networks.
  std::optional<std::string> interface;  ///< What -i names.
  bool all = false;                      ///< -A.
};

/// Largest own network that is scanned whole without being named; of a larger one, the /16 around our address is.
inline constexpr unsigned kDefaultPrefix = 16;

/// True for the names that container engines and hypervisors give to bridges and ports of their own.
bool is_virtual_name(const std::string& name);

/// Chooses interfaces, source addresses and targets. Without -i or -A: the interfaces that hold the targets; without
/// targets the default route's, else the only suitable one, where those of containers and virtual machines
/// count only when there is no other. Pure: interfaces and route are given.
net::Result<Plan, PlanError> make_plan(const std::vector<net::Interface>& interfaces,
                                       const std::optional<std::string>& default_route, const PlanRequest& request);

/// For -6 and the passive modes, which need an interface but no IPv4 network: as make_plan without targets.
/// `needs_ipv4` false accepts interfaces without an IPv4 address.
net::Result<std::vector<net::Interface>, PlanError> choose_interfaces(const std::vector<net::Interface>& interfaces,
                                                                      const std::optional<std::string>& default_route,
                                                                      const PlanRequest& request, bool needs_ipv4);

}  // namespace scanner
