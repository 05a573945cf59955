// SPDX-License-Identifier: MIT
#include "scanner/ndp_codec.h"

#include <algorithm>

#include "scanner/ethernet.h"

namespace scanner {
namespace {

using net::Failure;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kIcmp6 = 58;

constexpr std::uint8_t kEchoRequest = 128;
constexpr std::uint8_t kEchoReply = 129;
constexpr std::uint8_t kQuery = 130;
constexpr std::uint8_t kReport = 131;
constexpr std::uint8_t kSolicitation = 135;
constexpr std::uint8_t kAdvertisement = 136;
constexpr std::uint8_t kReport2 = 143;

net::ByteView bytes_of(const net::Ipv6Address& address) { return std::as_bytes(std::span(address.octets)); }

net::Ipv6Address read_address(net::ByteReader& in) {
  net::Ipv6Address address;
  const net::ByteView bytes = in.bytes(address.octets.size());
  std::transform(bytes.begin(), bytes.end(), address.octets.begin(),
                 [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return address;
}

std::uint64_t sum_of(net::ByteView bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += std::to_integer<std::uint64_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  }
  return sum;
}

// RFC 8200 section 8.1; 0 over a message with its checksum in place.
std::uint16_t checksum(const net::Ipv6Address& source, const net::Ipv6Address& destination, net::ByteView message) {
  std::uint64_t sum =
      sum_of(bytes_of(source)) + sum_of(bytes_of(destination)) + message.size() + kIcmp6 + sum_of(message);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

net::Ipv6Address all_nodes() { return {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, {}}; }

// RFC 2464 section 7.
net::MacAddress multicast_mac(const net::Ipv6Address& group) {
  return {{0x33, 0x33, group.octets[12], group.octets[13], group.octets[14], group.octets[15]}};
}

net::Bytes frame_of(const net::MacAddress& mac, const net::Ipv6Address& source, const net::Ipv6Address& destination,
                    std::uint8_t hop_limit, net::Bytes message, bool router_alert) {
  const std::uint16_t sum = checksum(source, destination, message);
  message[2] = static_cast<std::byte>(sum >> 8);
  message[3] = static_cast<std::byte>(sum & 0xff);
  const net::MacAddress to = multicast_mac(destination);
  net::ByteWriter out;
  out.bytes(std::as_bytes(std::span(to.octets))).bytes(std::as_bytes(std::span(mac.octets)));
  out.u16(kEtherIpv6).u32(0x60000000);
  out.u16(static_cast<std::uint16_t>(message.size() + (router_alert ? 8 : 0)));
  out.u8(router_alert ? kHopByHop : kIcmp6).u8(hop_limit);
  out.bytes(bytes_of(source)).bytes(bytes_of(destination));
  // RFC 2710 section 3 asks for the router alert option (RFC 2711), padded to eight bytes.
  if (router_alert) out.u8(kIcmp6).u8(0).u8(5).u8(2).u16(0).u8(1).u8(0);
  out.bytes(message);
  return std::move(out).take();
}

struct Packet {
  net::MacAddress mac;
  net::Ipv6Address source;
  net::Ipv6Address destination;
  std::uint8_t hop_limit = 0;
  net::ByteView message;
};

// Everything up to the ICMPv6 message, whose checksum is right.
net::Result<Packet, NdpError> read_packet(net::ByteView frame) {
  net::ByteReader in(frame);
  Packet packet;
  in.bytes(6);
  packet.mac = read_mac(in);
  std::uint16_t type = in.u16();
  if (type == kEtherVlan) {
    if ((in.u16() & 0x0fff) != 0) return Failure{NdpError::kOtherVlan};
    type = in.u16();
  }
  if (!in.ok()) return Failure{NdpError::kTruncated};
  if (type != kEtherIpv6) return Failure{NdpError::kNotIcmp6};
  const std::uint32_t version = in.u32() >> 28;
  std::size_t length = in.u16();
  std::uint8_t next = in.u8();
  packet.hop_limit = in.u8();
  packet.source = read_address(in);
  packet.destination = read_address(in);
  if (!in.ok()) return Failure{NdpError::kTruncated};
  if (version != 6) return Failure{NdpError::kNotIcmp6};
  if (next == kHopByHop) {
    next = in.u8();
    const std::size_t options = std::size_t{in.u8()} * 8 + 6;
    in.bytes(options);
    if (!in.ok()) return Failure{NdpError::kTruncated};
    if (length < options + 2) return Failure{NdpError::kLengths};
    length -= options + 2;
  }
  if (next != kIcmp6) return Failure{NdpError::kNotIcmp6};
  if (length < 8) return Failure{NdpError::kLengths};
  packet.message = in.bytes(length);
  if (!in.ok()) return Failure{NdpError::kTruncated};
  if (checksum(packet.source, packet.destination, packet.message) != 0) return Failure{NdpError::kChecksum};
  return packet;
}

// The link-layer address option of that type, or nothing. False when the options are malformed.
bool read_option(net::ByteReader& in, std::uint8_t wanted, net::MacAddress& mac) {
  while (in.remaining() > 0) {
    const std::uint8_t type = in.u8();
    const std::size_t length = std::size_t{in.u8()} * 8;
    if (!in.ok() || length == 0) return false;
    net::ByteReader value(in.bytes(length - 2));
    if (!in.ok()) return false;
    if (type == wanted && length == 8) mac = read_mac(value);
  }
  return true;
}

bool is_host(const net::Ipv6Address& address) {
  return !address.is_unspecified() && !address.is_multicast() && !address.is_loopback() && !address.mapped_ipv4();
}

net::Result<NdpEvidence, NdpError> read_neighbour(const Packet& packet, net::ByteReader& in, std::uint8_t type) {
  in.u32();
  const net::Ipv6Address target = read_address(in);
  if (!in.ok()) return Failure{NdpError::kLengths};
  NdpEvidence evidence{packet.mac, type == kAdvertisement ? target : packet.source, Source::kNeighbour, 0};
  if (!read_option(in, type == kAdvertisement ? 2 : 1, evidence.mac)) return Failure{NdpError::kLengths};
  return evidence;
}

}  // namespace

std::string_view describe(NdpError error) {
  switch (error) {
    case NdpError::kTruncated:
      return "truncated";
    case NdpError::kNotIcmp6:
      return "not ICMPv6";
    case NdpError::kOtherVlan:
      return "another VLAN";
    case NdpError::kLengths:
      return "lengths";
    case NdpError::kChecksum:
      return "checksum";
    case NdpError::kHopLimit:
      return "hop limit";
    case NdpError::kMessage:
      return "no evidence";
    case NdpError::kAddress:
      return "address";
  }
  return "malformed";
}

net::Bytes NdpRequests::echo_to_all(std::uint16_t identifier, std::uint16_t sequence) const {
  net::ByteWriter message;
  message.u8(kEchoRequest).u8(0).u16(0).u16(identifier).u16(sequence);
  return frame_of(mac_, source_, all_nodes(), 255, std::move(message).take(), false);
}

net::Bytes NdpRequests::listener_query() const {
  net::ByteWriter message;
  message.u8(kQuery).u8(0).u16(0).u16(250).u16(0).u64(0).u64(0);
  return frame_of(mac_, source_, all_nodes(), 1, std::move(message).take(), true);
}

net::Bytes NdpRequests::solicitation(const net::Ipv6Address& target) const {
  net::Ipv6Address group{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0}, {}};
  std::copy(target.octets.begin() + 13, target.octets.end(), group.octets.begin() + 13);
  net::ByteWriter message;
  message.u8(kSolicitation).u8(0).u16(0).u32(0).bytes(bytes_of(target));
  message.u8(1).u8(1).bytes(std::as_bytes(std::span(mac_.octets)));
  return frame_of(mac_, source_, group, 255, std::move(message).take(), false);
}

net::Result<NdpEvidence, NdpError> decode_ndp(net::ByteView frame, std::uint16_t identifier) {
  const auto packet = read_packet(frame);
  if (!packet.ok()) return Failure{packet.error()};
  net::ByteReader in(packet->message);
  const std::uint8_t type = in.u8();
  const std::uint8_t code = in.u8();
  in.u16();
  if (code != 0) return Failure{NdpError::kMessage};
  NdpEvidence evidence{packet->mac, packet->source, Source::kEcho, 0};
  switch (type) {
    case kEchoReply:
      if (in.u16() != identifier) return Failure{NdpError::kMessage};
      evidence.sequence = in.u16();
      break;
    case kReport:
    case kReport2:
      if (packet->hop_limit != 1 || !packet->source.is_link_local()) return Failure{NdpError::kHopLimit};
      evidence.source = Source::kListener;
      break;
    case kSolicitation:
    case kAdvertisement: {
      if (packet->hop_limit != 255) return Failure{NdpError::kHopLimit};
      const auto neighbour = read_neighbour(*packet, in, type);
      if (!neighbour.ok()) return Failure{neighbour.error()};
      evidence = *neighbour;
      break;
    }
    default:
      return Failure{NdpError::kMessage};
  }
  if (!is_host(evidence.address) || evidence.mac.is_zero() || evidence.mac.is_multicast()) {
    return Failure{NdpError::kAddress};
  }
  return evidence;
}

}  // namespace scanner
