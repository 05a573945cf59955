// SPDX-License-Identifier: MIT
#include "scanner/arp_codec.h"

#include <tins/arp.h>
#include <tins/ethernetII.h>

#include <algorithm>

#include "net/check.h"
#include "scanner/ethernet.h"

namespace scanner {
namespace {

using net::Failure;

constexpr std::size_t kTargetOffset = 38;  // of the target's IPv4 address in an untagged frame
constexpr std::size_t kFrameSize = 42;

// The Ethernet type behind at most one priority tag.
net::Result<std::uint16_t, ArpError> read_type(net::ByteReader& in) {
  const std::uint16_t type = in.u16();
  if (type == kEtherServiceVlan) return Failure{ArpError::kOtherVlan};
  if (type != kEtherVlan) return type;
  const std::uint16_t control = in.u16();
  const std::uint16_t inner = in.u16();
  if (!in.ok()) return Failure{ArpError::kTruncated};
  if ((control & 0x0fff) != 0 || inner == kEtherVlan) return Failure{ArpError::kOtherVlan};
  return inner;
}

bool is_host_mac(const net::MacAddress& mac) { return !mac.is_zero() && !mac.is_multicast(); }

bool is_host_address(net::Ipv4Address a) {
  return a.value >> 24 != 0 && !a.is_loopback() && !a.is_multicast() && !a.is_limited_broadcast();
}

Tins::HWAddress<6> to_tins(const net::MacAddress& mac) { return Tins::HWAddress<6>(mac.octets.data()); }

// libtins keeps IPv4 addresses in network order.
Tins::IPv4Address to_tins(net::Ipv4Address address) { return Tins::IPv4Address(__builtin_bswap32(address.value)); }

}  // namespace

std::string_view describe(ArpError error) {
  switch (error) {
    case ArpError::kTruncated:
      return "truncated";
    case ArpError::kNotArp:
      return "not ARP";
    case ArpError::kOtherVlan:
      return "another VLAN";
    case ArpError::kHardwareType:
      return "hardware type";
    case ArpError::kProtocolType:
      return "protocol type";
    case ArpError::kLengths:
      return "address lengths";
    case ArpError::kOperation:
      return "operation";
    case ArpError::kSenderMac:
      return "sender MAC";
    case ArpError::kSender:
      return "sender address";
  }
  return "malformed";
}

net::Result<ArpMessage, ArpError> decode_arp(net::ByteView frame) {
  net::ByteReader in(frame);
  ArpMessage message;
  message.ether_destination = read_mac(in);
  message.ether_source = read_mac(in);
  const auto type = read_type(in);
  if (!in.ok()) return Failure{ArpError::kTruncated};
  if (!type.ok()) return Failure{type.error()};
  if (*type != kEtherArp) return Failure{ArpError::kNotArp};

  const std::uint16_t hardware = in.u16();
  const std::uint16_t protocol = in.u16();
  const std::uint8_t hardware_length = in.u8();
  const std::uint8_t protocol_length = in.u8();
  const std::uint16_t operation = in.u16();
  if (!in.ok()) return Failure{ArpError::kTruncated};
  if (hardware != 1) return Failure{ArpError::kHardwareType};
  if (protocol != 0x0800) return Failure{ArpError::kProtocolType};
  if (hardware_length != 6 || protocol_length != 4) return Failure{ArpError::kLengths};
  if (operation != 1 && operation != 2) return Failure{ArpError::kOperation};
  message.operation = static_cast<ArpOperation>(operation);

  message.sender_mac = read_mac(in);
  message.sender.value = in.u32();
  message.target_mac = read_mac(in);
  message.target.value = in.u32();
  if (!in.ok()) return Failure{ArpError::kTruncated};
  if (!is_host_mac(message.sender_mac)) return Failure{ArpError::kSenderMac};
  if (!is_host_address(message.sender)) return Failure{ArpError::kSender};
  return message;
}

ArpRequests::ArpRequests(net::MacAddress source_mac, net::Ipv4Address source) {
  ArpMessage request;
  request.ether_destination.octets.fill(0xff);
  request.ether_source = source_mac;
  request.sender_mac = source_mac;
  request.sender = source;
  frame_ = encode_arp(request);
  CHECK(frame_.size() == kFrameSize);
}

net::ByteView ArpRequests::for_target(net::Ipv4Address target) {
  for (std::size_t i = 0; i < 4; ++i) {
    frame_[kTargetOffset + i] = static_cast<std::byte>(target.value >> (24 - 8 * i) & 0xff);
  }
  return frame_;
}

net::Bytes encode_arp(const ArpMessage& message) {
  Tins::EthernetII frame(to_tins(message.ether_destination), to_tins(message.ether_source));
  Tins::ARP arp(to_tins(message.target), to_tins(message.sender), to_tins(message.target_mac),
                to_tins(message.sender_mac));
  arp.opcode(static_cast<Tins::ARP::Flags>(message.operation));
  frame /= arp;
  const Tins::PDU::serialization_type serialized = frame.serialize();
  // libtins pads to 60 bytes; the network card does so as well, and a short frame is cheaper to queue.
  const auto text = std::as_bytes(std::span(serialized));
  return {text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(kFrameSize, serialized.size()))};
}

}  // namespace scanner
