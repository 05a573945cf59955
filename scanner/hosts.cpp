// SPDX-License-Identifier: MIT
#include "scanner/hosts.h"

#include <algorithm>

namespace scanner {

std::string_view name_of(Source source) {
  switch (source) {
    case Source::kReply:
      return "reply";
    case Source::kBroadcastReply:
      return "broadcast-reply";
    case Source::kGratuitous:
      return "gratuitous";
    case Source::kRequest:
      return "request";
    case Source::kCache:
      return "cache";
    case Source::kNeighbour:
      return "neighbour";
    case Source::kEcho:
      return "echo";
    case Source::kListener:
      return "listener";
    case Source::kSelf:
      return "self";
  }
  return "unknown";
}

HostTable::Seen HostTable::see(const Sighting& sighting) {
  const auto [place, added] = hosts_.try_emplace(Key{sighting.address, sighting.interface});
  Host& host = place->second;
  if (added) {
    host.interface = sighting.interface;
    host.address = sighting.address;
    host.source = sighting.source;
  }
  if (!host.round_trip && sighting.round_trip) {
    host.round_trip = sighting.round_trip;
    host.requests = sighting.requests;
  }
  if (added) host.requests = sighting.requests;
  bool new_mac = false;
  if (sighting.mac && std::find(host.macs.begin(), host.macs.end(), *sighting.mac) == host.macs.end() &&
      host.macs.size() < kMaxMacs) {
    host.macs.push_back(*sighting.mac);
    ++addresses_of_[{host.interface, *sighting.mac}];
    new_mac = true;
  }
  return {added ? Change::kNew : new_mac ? Change::kNewMac : Change::kNone, &host, sighting.mac};
}

Host& HostTable::add_self(std::string interface, net::IpAddress address, net::MacAddress mac) {
  const auto [place, added] = hosts_.try_emplace(Key{address, interface});
  Host& host = place->second;
  if (added) {
    host.interface = std::move(interface);
    host.address = std::move(address);
    host.source = Source::kSelf;
    host.self = true;
    host.macs.push_back(mac);
    ++selves_;
  }
  return host;
}

bool HostTable::is_proxy(const std::string& interface, const net::MacAddress& mac) const {
  const auto found = addresses_of_.find({interface, mac});
  return found != addresses_of_.end() && found->second >= kProxyAddresses;
}

std::vector<net::MacAddress> HostTable::own_macs(const Host& host) const {
  if (host.self) return host.macs;
  std::vector<net::MacAddress> own = host.macs;
  std::erase_if(own, [&](const net::MacAddress& mac) { return is_proxy(host.interface, mac); });
  return own.empty() ? host.macs : own;
}

bool HostTable::proxy(const Host& host) const {
  return !host.self && !host.macs.empty() && std::all_of(host.macs.begin(), host.macs.end(), [&](const auto& mac) {
    return is_proxy(host.interface, mac);
  });
}

std::vector<std::string> HostTable::flags(const Host& host) const {
  std::vector<std::string> flags;
  if (host.self) flags.emplace_back("self");
  if (conflict(host)) flags.emplace_back("conflict");
  if (proxy(host)) flags.emplace_back("proxy");
  if (host.peer == PeerState::kPeer) flags.emplace_back("peer");
  return flags;
}

void HostTable::forget(const Key& key) {
  const auto found = hosts_.find(key);
  if (found == hosts_.end()) return;
  if (found->second.self) {
    --selves_;
  } else {
    for (const net::MacAddress& mac : found->second.macs) --addresses_of_[{key.second, mac}];
  }
  hosts_.erase(found);
}

Host* HostTable::find(const std::string& interface, const net::IpAddress& address) {
  const auto found = hosts_.find(Key{address, interface});
  return found == hosts_.end() ? nullptr : &found->second;
}

}  // namespace scanner
