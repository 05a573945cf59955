// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "net/address.h"
#include "net/bytes.h"
#include "net/result.h"
#include "scanner/hosts.h"

namespace scanner {

/// Makes the ICMPv6 frames by which IPv6 hosts are found: from one of our addresses on one interface.
class NdpRequests {
 public:
  NdpRequests(net::MacAddress mac, net::Ipv6Address source) : mac_(mac), source_(std::move(source)) {}
  const net::Ipv6Address& source() const { return source_; }

  /// An echo request (RFC 4443 section 4.1) to all nodes of the link, ff02::1.
  net::Bytes echo_to_all(std::uint16_t identifier, std::uint16_t sequence) const;
  /// A general listener query (RFC 2710 section 3) to all nodes, answers within 250 ms. The source must be link-local.
  net::Bytes listener_query() const;
  /// A neighbour solicitation (RFC 4861 section 4.3) to the target's solicited-node address.
  net::Bytes solicitation(const net::Ipv6Address& target) const;

 private:
  net::MacAddress mac_;
  net::Ipv6Address source_;
};

/// What an ICMPv6 frame says about a host.
struct NdpEvidence {
  net::MacAddress mac;
  net::Ipv6Address address;  ///< Without a zone.
  Source source = Source::kEcho;
  std::uint16_t sequence = 0;  ///< Of the echo request that was answered.
};

enum class NdpError {
  kTruncated,
  kNotIcmp6,  ///< Not IPv6, or not ICMPv6 behind at most a hop-by-hop header.
  kOtherVlan,
  kLengths,  ///< Lengths that contradict each other.
  kChecksum,
  kHopLimit,  ///< 255 for neighbour discovery, 1 for listener reports: others came through a router, or are forged.
  kMessage,   ///< A type or code that is no evidence, or an echo reply that is not to us.
  kAddress,   ///< No host's address, or no host's MAC.
};
inline constexpr std::size_t kNdpErrorCount = 8;
std::string_view describe(NdpError error);

/// Reads an Ethernet frame field by field. Echo replies count when they carry `identifier`; neighbour advertisements
/// and solicitations, and listener reports, always. Never reads past the end of `frame`.
net::Result<NdpEvidence, NdpError> decode_ndp(net::ByteView frame, std::uint16_t identifier);

}  // namespace scanner
