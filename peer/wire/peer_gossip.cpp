// SPDX-License-Identifier: MIT
#include "peer/wire/peer_gossip.h"

#include <algorithm>

#include "net/check.h"

namespace peer::wire {
namespace {

constexpr std::uint16_t kLowestPort = 1024;

net::Endpoint without_zone(const net::Endpoint& endpoint) {
  const net::Ipv6Address* v6 = endpoint.address.v6();
  if (v6 == nullptr || v6->zone.empty()) return endpoint;
  net::Ipv6Address bare = *v6;
  bare.zone.clear();
  return {bare, endpoint.port};
}

bool stands_in_entry(char letter) { return letter >= 0x20 && letter <= 0x7e; }

bool is_network_edge(net::Ipv4Address address, const net::Ipv4Network& network) {
  // A /31 or /32 has neither a network nor a broadcast address (RFC 3021).
  return network.prefix < 31 && (address == network.base || address == network.last());
}

}  // namespace

std::size_t PeerGossipParser::feed(net::ByteView in) {
  CHECK(state_ == State::kMore);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const char letter = static_cast<char>(in[i]);
    if (!stands_in_entry(letter)) {
      // What stands after the last comma may have been cut off: it is no entry.
      if (!entry_.empty()) ++dropped_;
      state_ = State::kDone;
      return letter == '\n' ? i + 1 : i;
    }
    if (++length_ > kMaxLength) {
      state_ = State::kTooLong;
      return i;
    }
    if (letter == ',') {
      end_entry();
    } else if (entry_.size() == kMaxEntryLength) {
      entry_too_long_ = true;
    } else {
      entry_.push_back(letter);
    }
  }
  return in.size();
}

void PeerGossipParser::end_entry() {
  std::optional<net::Endpoint> endpoint;
  if (!entry_too_long_) endpoint = net::Endpoint::parse(entry_);
  if (endpoint) endpoint = without_zone(*endpoint);
  if (endpoint && endpoints_.size() < kMaxEntries && seen_.insert(*endpoint).second) {
    endpoints_.push_back(*endpoint);
  } else {
    ++dropped_;
  }
  entry_.clear();
  entry_too_long_ = false;
}

net::Bytes encode_peer_gossip(std::span<const net::Endpoint> endpoints) {
  std::string text(1, static_cast<char>(kPeerListByte));
  for (const net::Endpoint& endpoint : endpoints.first(std::min(endpoints.size(), PeerGossipParser::kMaxEntries))) {
    const std::string entry = without_zone(endpoint).to_short_string() + ",";
    if (text.size() - 1 + entry.size() > PeerGossipParser::kMaxLength) break;
    text += entry;
  }
  text += '\n';
  const net::ByteView bytes = net::as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

bool acceptable(const net::Endpoint& endpoint, const AddressPolicy& policy) {
  if (endpoint.port < kLowestPort) return false;
  const net::IpAddress& address = endpoint.address;
  if (address.is_loopback() ? !policy.allow_loopback : !address.is_private_range()) return false;
  if (const net::Ipv4Address* v4 = address.v4()) {
    for (const net::Ipv4Network& network : policy.networks) {
      if (is_network_edge(*v4, network)) return false;
    }
  }
  const net::Endpoint bare = without_zone(endpoint);
  return std::none_of(policy.own.begin(), policy.own.end(),
                      [&](const net::Endpoint& own) { return without_zone(own) == bare; });
}

}  // namespace peer::wire
