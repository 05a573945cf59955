// SPDX-License-Identifier: MIT
#include "scanner/peer_file.h"

#include <map>

namespace scanner {
namespace {

using net::PeerListEntry;

bool is_verdict(const std::string& flag) { return flag == "conflict" || flag == "proxy" || flag == "self"; }

PeerListEntry updated(PeerListEntry entry, const Host& host, const PeerFileUpdate& update) {
  const std::vector<net::MacAddress> macs = update.table.own_macs(host);
  if (!macs.empty()) {
    entry.mac = macs.front();
    entry.vendor = update.vendors != nullptr ? update.vendors->name(macs.front()) : entry.vendor;
  }
  entry.last_seen = update.last_seen;
  // What we judge anew replaces the old verdict; a flag we know nothing of stays.
  std::erase_if(entry.flags, [&](const std::string& flag) {
    return is_verdict(flag) || (flag == "peer" && host.peer != PeerState::kUnknown);
  });
  for (std::string& flag : update.table.flags(host)) {
    if (!entry.has_flag(flag)) entry.flags.push_back(std::move(flag));
  }
  return entry;
}

}  // namespace

void update_peer_list(net::PeerList& list, const PeerFileUpdate& update) {
  std::multimap<net::IpAddress, PeerListEntry> known;
  for (PeerListEntry& entry : list.entries()) {
    const net::IpAddress address = entry.endpoint.address;
    known.emplace(address, std::move(entry));
  }
  std::vector<PeerListEntry> peers;
  std::vector<PeerListEntry> others;
  std::map<net::IpAddress, bool> live;
  for (const auto& [key, host] : update.table.hosts()) {
    live[host.address] = true;
    auto& into = host.peer == PeerState::kPeer ? peers : others;
    const auto [begin, end] = known.equal_range(host.address);
    if (host.self) {
      // A host that changed its address may find its new one in the list.
      for (auto at = begin; at != end; ++at) list.erase(at->second.endpoint);
      continue;
    }
    if (begin == end) into.push_back(updated({{host.address, net::kPeerPort}, {}, {}, {}, {}}, host, update));
    for (auto at = begin; at != end; ++at) into.push_back(updated(at->second, host, update));
  }
  for (const auto& [address, entry] : known) {
    const net::Ipv4Address* v4 = address.v4();
    if (entry.mac && v4 != nullptr && update.asked.contains(*v4) && !live.contains(address)) list.erase(entry.endpoint);
  }
  for (const auto* group : {&peers, &others}) {
    for (const PeerListEntry& entry : *group) {
      list.put(entry);
      // First come the peers: what was found goes to the end, in that order.
      if (!peers.empty()) list.move_to_end(entry.endpoint);
    }
  }
}

net::PeerList new_peer_list() {
  net::PeerList list;
  list.add_comment("Hosts of the local network, found by p2pscan; p2p-peers(5) tells the format.");
  return list;
}

}  // namespace scanner
