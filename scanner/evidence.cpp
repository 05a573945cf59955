// SPDX-License-Identifier: MIT
#include "scanner/evidence.h"

namespace scanner {

std::optional<ArpEvidence> judge(const ArpMessage& message, const net::MacAddress& own) {
  if (message.sender_mac == own || message.ether_source == own) return std::nullopt;
  // An announcement may be a request or a reply (RFC 5227 section 3).
  if (message.is_gratuitous()) return ArpEvidence{Source::kGratuitous, false};
  if (message.operation == ArpOperation::kRequest) return ArpEvidence{Source::kRequest, false};
  // Some hosts send their reply to everybody: it still names us as the one who asked.
  const bool to_us = message.target_mac == own;
  return ArpEvidence{message.ether_destination.is_multicast() ? Source::kBroadcastReply : Source::kReply, to_us};
}

}  // namespace scanner
