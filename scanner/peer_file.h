// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/peer_list.h"
#include "scanner/address_set.h"
#include "scanner/hosts.h"
#include "scanner/vendors.h"

namespace scanner {

/// What a scan makes of a peer list, p2p-peers(5).
struct PeerFileUpdate {
  const HostTable& table;
  const Vendors* vendors = nullptr;
  std::string last_seen;  ///< RFC 3339.
  /// All of these were asked to the end: who among them did not answer is gone. Empty for a scan that was cut short.
  AddressSet asked;
};

/// Brings `list` up to date. Every host that was found is in it, except ourselves. Where the list has the host's
/// address already, with whatever port, that entry is updated in place. Entries that an earlier scan made (they have a
/// MAC) for addresses that were asked in vain are taken out. Everything else stays: comments, what was put there by
/// hand or by p2ppeer, what lies outside the networks that were scanned. When peers were looked for, they come first.
void update_peer_list(net::PeerList& list, const PeerFileUpdate& update);

/// The text that a new list begins with.
net::PeerList new_peer_list();

}  // namespace scanner
