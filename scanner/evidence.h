// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "net/address.h"
#include "scanner/arp_codec.h"
#include "scanner/hosts.h"

namespace scanner {

/// What an ARP message says about its sender, seen from the interface with the address `own`: how it showed itself,
/// and whether it answered us. Nothing for messages of our own.
struct ArpEvidence {
  Source source = Source::kReply;
  bool to_us = false;  ///< A reply to our own request, so there is a round trip.
};
std::optional<ArpEvidence> judge(const ArpMessage& message, const net::MacAddress& own);

}  // namespace scanner
