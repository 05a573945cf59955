// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/arp_codec.h"
#include "scanner/lane.h"
#include "scanner/plan.h"
#include "scanner/sweep.h"

namespace scanner {

/// What ARP lanes let through. Tagged frames are let in to be counted and refused: the kernel has taken the tag off
/// before the filter sees them.
inline constexpr const char* kArpFilter = "arp or (vlan and arp)";

/// A Sweep of an interface's IPv4 networks. Listening is about the hosts of the plan's networks only.
class ArpLane : public Lane {
 public:
  ArpLane(InterfacePlan plan, std::unique_ptr<Link> link);

  void start(net::TimePoint now, Profile profile, const SweepOverrides& overrides) override;
  void listen(net::TimePoint now) override;
  void pump(net::TimePoint now) override;
  bool done(net::TimePoint now) const override;
  std::optional<net::TimePoint> deadline(net::TimePoint now) const override;
  AddressSet targets() const override { return plan_.targets(); }
  std::optional<Sweep::Progress> progress() const override;
  std::vector<std::pair<std::string_view, std::uint64_t>> rejected() const override;

 private:
  struct Source {
    AddressSet targets;
    ArpRequests requests;
  };

  void receive(net::TimePoint now, net::ByteView frame) override;
  std::size_t send(std::span<const net::Ipv4Address> targets, net::TimePoint now);
  net::ByteView request_for(net::Ipv4Address target);

  InterfacePlan plan_;
  std::vector<Source> sources_;
  std::optional<Sweep> sweep_;
  AddressSet listened_;  ///< Whom listen() is about.
  bool listening_ = false;
  net::TimePoint drops_checked_;
  std::array<std::uint64_t, kArpErrorCount> rejected_{};
};

}  // namespace scanner
