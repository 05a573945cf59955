// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "net/address.h"
#include "net/bytes.h"
#include "net/result.h"

namespace scanner {

enum class ArpOperation : std::uint16_t { kRequest = 1, kReply = 2 };

/// An ARP message for IPv4 over Ethernet (RFC 826), with the Ethernet header it came in.
struct ArpMessage {
  net::MacAddress ether_destination;
  net::MacAddress ether_source;
  ArpOperation operation = ArpOperation::kRequest;
  net::MacAddress sender_mac;
  net::Ipv4Address sender;
  net::MacAddress target_mac;
  net::Ipv4Address target;

  /// A host telling its own address to all, unasked (RFC 5944 section 4.6, RFC 5227 section 3).
  bool is_gratuitous() const { return sender == target; }
  bool operator==(const ArpMessage&) const = default;
};

/// Why a frame is no evidence of a host.
enum class ArpError {
  kTruncated,
  kNotArp,
  kOtherVlan,     ///< Tagged for a VLAN that is not this link's own. A priority tag (VLAN 0) is accepted.
  kHardwareType,  ///< Not Ethernet (1).
  kProtocolType,  ///< Not IPv4 (0x0800).
  kLengths,       ///< Address lengths other than 6 and 4.
  kOperation,     ///< Neither request nor reply.
  kSenderMac,     ///< All zero, broadcast or multicast.
  kSender,        ///< No host's address: 0.0.0.0 (an address probe, RFC 5227), loopback, multicast, broadcast.
};
inline constexpr std::size_t kArpErrorCount = 9;
std::string_view describe(ArpError error);

/// Reads an Ethernet frame (without its check sequence) field by field; padding after the message is ignored. It never
/// reads past the end of `frame`, whatever the frame says. (threats T12)
net::Result<ArpMessage, ArpError> decode_arp(net::ByteView frame);

/// Makes ARP requests from one source address, a frame of 42 bytes each. The frame is built once; only the target's
/// address changes, because building one takes as long as sending it.
class ArpRequests {
 public:
  ArpRequests(net::MacAddress source_mac, net::Ipv4Address source);
  /// Valid until the next call.
  net::ByteView for_target(net::Ipv4Address target);

 private:
  net::Bytes frame_;
};

/// Any ARP message as a frame: for captures, tests and the fuzzer's corpus.
net::Bytes encode_arp(const ArpMessage& message);

}  // namespace scanner
