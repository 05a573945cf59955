// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"

/// The 0x10 peer list (p2p-protocol(7), PEER LIST): text, not framed.
///     peers    = %x10 *( endpoint "," ) [ LF ]
///     endpoint = IPv4 [ ":" port ] / "[" IPv6 "]" [ ":" port ]        ; no port means 12345
namespace peer::wire {

inline constexpr std::byte kPeerListByte{0x10};
/// Older programs send a list behind this byte too.
inline constexpr std::byte kPeerListByteOld{0x11};

/// Reads one list, given in pieces of any size; the result depends only on the bytes. Each entry is complete at its
/// comma. LF, or a byte that cannot stand in an entry (anything but 0x20..0x7e), ends the list; what stands after the
/// last comma is dropped. Zones of IPv6 addresses mean nothing on another host and are removed. (threats T03, T08)
class PeerGossipParser {
 public:
  static constexpr std::size_t kMaxEntryLength = 64;    ///< Longer ones are dropped.
  static constexpr std::size_t kMaxEntries = 1024;      ///< Further ones are dropped.
  static constexpr std::size_t kMaxLength = 64u << 10;  ///< Bytes behind the first; a longer list is an error.

  enum class State {
    kMore,     ///< The list goes on.
    kDone,     ///< It has ended.
    kTooLong,  ///< It passed kMaxLength without an end. The entries so far are good.
  };
  /// Takes bytes that follow the 0x10. Returns how many belong to the list: all of them while it goes on; the LF is
  /// taken, any other ending byte is not. REQUIRES: state() == kMore.
  std::size_t feed(net::ByteView in);

  State state() const { return state_; }
  /// Well-formed entries so far, in order, each once. Hints: see acceptable().
  const std::vector<net::Endpoint>& endpoints() const { return endpoints_; }
  /// Entries that were not endpoints, too long, repeated or too many.
  std::size_t dropped() const { return dropped_; }

 private:
  void end_entry();

  State state_ = State::kMore;
  std::string entry_;
  bool entry_too_long_ = false;
  std::size_t length_ = 0;
  std::vector<net::Endpoint> endpoints_;
  std::set<net::Endpoint> seen_;
  std::size_t dropped_ = 0;
};

/// A whole list: 0x10, entries, LF. The default port and zones are left out; what lies beyond the parser's limits is
/// left off at the end.
net::Bytes encode_peer_gossip(std::span<const net::Endpoint> endpoints);

/// What acceptable() needs to know about this host.
struct AddressPolicy {
  std::vector<net::Endpoint> own;          ///< Where this process listens, as others may see it.
  std::vector<net::Ipv4Network> networks;  ///< Of our interfaces, for their broadcast addresses.
  bool allow_loopback = false;             ///< For use and tests on one host.
};

/// True when a hint may be dialled: a private or link-local address (loopback only where allowed), never multicast,
/// broadcast, unspecified or our own, and a port of at least 1024. (threat T34)
bool acceptable(const net::Endpoint& endpoint, const AddressPolicy& policy);

}  // namespace peer::wire
