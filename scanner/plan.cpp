// SPDX-License-Identifier: MIT
#include "scanner/plan.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "net/escape.h"
#include "scanner/sweep.h"

namespace scanner {
namespace {

using net::Failure;
using net::Interface;

struct OwnNetwork {
  net::Ipv4Network network;
  net::Ipv4Address address;
};

AddressRange range_of(const net::Ipv4Network& network) { return {network.base, network.last()}; }

// The interface's IPv4 networks, the most specific first, so that a target's source is the closest one.
std::vector<OwnNetwork> networks_of(const Interface& interface) {
  std::vector<OwnNetwork> networks;
  for (const net::InterfaceAddress& own : interface.addresses) {
    const net::Ipv4Address* address = own.address.v4();
    if (address == nullptr || own.prefix == 0 || own.prefix > 32) continue;
    networks.push_back({net::Ipv4Network::of(*address, own.prefix), *address});
  }
  std::stable_sort(networks.begin(), networks.end(),
                   [](const OwnNetwork& a, const OwnNetwork& b) { return a.network.prefix > b.network.prefix; });
  return networks;
}

// What a scan without targets asks of one network.
AddressRange default_range(const OwnNetwork& own, std::vector<std::string>& warnings) {
  if (own.network.prefix >= kDefaultPrefix) return range_of(own.network);
  const auto part = net::Ipv4Network::of(own.address, kDefaultPrefix);
  warnings.push_back(own.network.to_string() + " is large; scanning " + part.to_string() +
                     " only. Name a network to scan more");
  return range_of(part);
}

std::vector<AddressRange> default_targets(const std::vector<OwnNetwork>& networks, std::vector<std::string>& warnings) {
  // Self-assigned addresses stand beside a real network on many machines; 65,000 requests for them help nobody.
  const bool routable = std::any_of(networks.begin(), networks.end(), [](const OwnNetwork& own) {
    return !own.address.is_link_local() && own.network.prefix < 32;
  });
  std::vector<AddressRange> ranges;
  for (const OwnNetwork& own : networks) {
    if (routable && own.address.is_link_local()) continue;
    ranges.push_back(default_range(own, warnings));
  }
  return ranges;
}

InterfacePlan plan_interface(const Interface& interface, const std::vector<AddressRange>& wanted) {
  InterfacePlan plan;
  plan.interface = interface;
  AddressSet left;
  for (const AddressRange& range : wanted) left.add(range);
  const std::vector<OwnNetwork> networks = networks_of(interface);
  for (const OwnNetwork& own : networks) {
    if (left.contains(own.address) && std::find(plan.own.begin(), plan.own.end(), own.address) == plan.own.end()) {
      plan.own.push_back(own.address);
    }
  }
  // Nobody answers for these, and we know the answer for our own.
  for (const OwnNetwork& own : networks) {
    left.remove({own.address, own.address});
    if (own.network.prefix > 30) continue;
    left.remove({own.network.base, own.network.base});
    left.remove({own.network.last(), own.network.last()});
  }
  for (const OwnNetwork& own : networks) {
    SourcedTargets part{own.network, own.address, left.within(range_of(own.network))};
    if (part.targets.empty()) continue;
    left.remove(range_of(own.network));
    plan.parts.push_back(std::move(part));
  }
  return plan;
}

bool holds(const Interface& interface, const AddressRange& range) {
  const auto networks = networks_of(interface);
  return std::any_of(networks.begin(), networks.end(), [&](const OwnNetwork& own) {
    return range.first <= own.network.last() && own.network.base <= range.last;
  });
}

std::string addresses_text(const Interface& interface) {
  std::string text = net::escape(interface.name);
  for (const net::InterfaceAddress& own : interface.addresses) {
    if (own.address.v4() == nullptr) continue;
    text += " " + own.address.to_string() + "/" + std::to_string(own.prefix);
  }
  return text;
}

std::string listing(const std::vector<Interface>& interfaces) {
  std::string text;
  for (const Interface& interface : interfaces) text += (text.empty() ? "" : ", ") + addresses_text(interface);
  return text;
}

// Why an interface that was named cannot be used; empty when it can.
std::string why_unsuitable(const Interface& interface, bool needs_ipv4) {
  const std::string name = net::escape(interface.name);
  if (interface.loopback) return name + " is the loopback interface; there are no other hosts on it";
  if (!interface.ethernet || interface.no_arp || interface.point_to_point) {
    return name + " is not an Ethernet-like interface; ARP is not spoken on it";
  }
  if (!interface.up) return name + " is down; bring it up with: ip link set " + name + " up";
  if (needs_ipv4 && networks_of(interface).empty()) return name + " has no IPv4 address; give it one, or use -6";
  return {};
}

using Chosen = net::Result<std::vector<Interface>, PlanError>;

Chosen named_interface(const std::vector<Interface>& interfaces, const std::string& name, bool needs_ipv4) {
  const auto found =
      std::find_if(interfaces.begin(), interfaces.end(), [&](const Interface& i) { return i.name == name; });
  if (found == interfaces.end()) {
    return Failure{PlanError{PlanError::Kind::kNoInterface, "there is no interface " + net::escape(name)}};
  }
  std::string problem = why_unsuitable(*found, needs_ipv4);
  if (!problem.empty()) return Failure{PlanError{PlanError::Kind::kNoInterface, std::move(problem)}};
  return std::vector<Interface>{*found};
}

std::vector<Interface> copies(const std::vector<const Interface*>& chosen) {
  std::vector<Interface> result;
  result.reserve(chosen.size());
  for (const Interface* interface : chosen) result.push_back(*interface);
  return result;
}

// The interfaces that hold the targets, each target counted for the first that does.
Chosen holding_interfaces(const std::vector<const Interface*>& suitable, const std::vector<AddressRange>& targets) {
  std::vector<const Interface*> chosen;
  for (const AddressRange& target : targets) {
    const auto found =
        std::find_if(suitable.begin(), suitable.end(), [&](const Interface* i) { return holds(*i, target); });
    if (found != suitable.end() && std::find(chosen.begin(), chosen.end(), *found) == chosen.end()) {
      chosen.push_back(*found);
    }
  }
  if (!chosen.empty()) return copies(chosen);
  return Failure{PlanError{PlanError::Kind::kNoInterface,
                           "no target is on a network of this machine, and ARP reaches no other; it has " +
                               (suitable.empty() ? "no usable interface" : listing(copies(suitable)))}};
}

PlanError nothing_to_ask(const std::vector<Interface>& chosen, bool targets_named) {
  return {PlanError::Kind::kNoInterface,
          targets_named ? "no target is a host's address on a network of " + listing(chosen) + "; ARP reaches no other"
                        : "the networks of " + listing(chosen) + " have no room for another host"};
}

}  // namespace

AddressSet InterfacePlan::targets() const {
  AddressSet all;
  for (const SourcedTargets& part : parts) all.add(part.targets);
  return all;
}

bool is_virtual_name(const std::string& name) {
  constexpr std::array<std::string_view, 12> kPrefixes = {"docker", "br-",    "veth", "virbr", "lxcbr",   "lxdbr",
                                                          "cni",    "podman", "vnet", "vmnet", "vboxnet", "flannel"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

Chosen choose_interfaces(const std::vector<Interface>& interfaces, const std::optional<std::string>& default_route,
                         const PlanRequest& request, bool needs_ipv4) {
  if (request.interface) return named_interface(interfaces, *request.interface, needs_ipv4);
  std::vector<const Interface*> suitable;
  for (const Interface& interface : interfaces) {
    if (why_unsuitable(interface, needs_ipv4).empty()) suitable.push_back(&interface);
  }
  if (request.all && !suitable.empty()) return copies(suitable);
  if (!request.targets.empty()) return holding_interfaces(suitable, request.targets);
  if (suitable.empty()) {
    return Failure{
        PlanError{PlanError::Kind::kNoInterface, needs_ipv4 ? "no Ethernet-like interface is up and has an IPv4 address"
                                                            : "no Ethernet-like interface is up"}};
  }
  if (default_route) {
    const auto found =
        std::find_if(suitable.begin(), suitable.end(), [&](const Interface* i) { return i->name == *default_route; });
    if (found != suitable.end()) return std::vector<Interface>{**found};
  }
  std::vector<const Interface*> real = suitable;
  std::erase_if(real, [](const Interface* i) { return is_virtual_name(i->name); });
  const std::vector<const Interface*>& candidates = real.empty() ? suitable : real;
  if (candidates.size() == 1) return copies(candidates);
  return Failure{PlanError{PlanError::Kind::kNoInterface,
                           "there are several interfaces and no default route: " + listing(copies(candidates)) +
                               ". Say which with -i, or use -A"}};
}

net::Result<Plan, PlanError> make_plan(const std::vector<Interface>& interfaces,
                                       const std::optional<std::string>& default_route, const PlanRequest& request) {
  auto chosen = choose_interfaces(interfaces, default_route, request, true);
  if (!chosen.ok()) return Failure{chosen.error()};
  Plan plan;
  AddressSet left;
  for (const AddressRange& range : request.targets) left.add(range);
  AddressSet outside = left;
  for (const Interface& interface : *chosen) {
    const std::vector<OwnNetwork> networks = networks_of(interface);
    InterfacePlan part =
        plan_interface(interface, request.targets.empty() ? default_targets(networks, plan.warnings) : left.ranges());
    if (part.targets().size() > Sweep::kMaxTargets) {
      return Failure{PlanError{PlanError::Kind::kUsage, "more than 16,777,216 addresses; name a smaller network"}};
    }
    for (const OwnNetwork& own : networks) {
      outside.remove(range_of(own.network));
      // A target on the networks of several interfaces is asked through the first only, unless all were wanted.
      if (!request.all) left.remove(range_of(own.network));
    }
    if (!part.parts.empty() || !part.own.empty()) plan.interfaces.push_back(std::move(part));
  }
  if (plan.interfaces.empty()) return Failure{nothing_to_ask(*chosen, !request.targets.empty())};
  if (!outside.empty()) {
    const bool one = outside.size() == 1;
    plan.warnings.push_back(std::to_string(outside.size()) + (one ? " address is" : " addresses are") +
                            " on no network of this machine and left out; ARP does not reach " + (one ? "it" : "them"));
  }
  return plan;
}

}  // namespace scanner
