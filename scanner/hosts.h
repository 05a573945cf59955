// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/time.h"

namespace scanner {

/// How a host showed itself first.
enum class Source {
  kReply,           ///< An ARP reply to us.
  kBroadcastReply,  ///< An ARP reply that was sent to everybody.
  kGratuitous,      ///< An announcement of its own address (RFC 5227 section 3).
  kRequest,         ///< It asked for somebody's address.
  kCache,           ///< The kernel's neighbour table.
  kNeighbour,       ///< An IPv6 neighbour advertisement or solicitation (RFC 4861).
  kEcho,            ///< An ICMPv6 echo reply (RFC 4443 section 4.2).
  kListener,        ///< A multicast listener report (RFC 3810).
  kSelf,            ///< Our own.
};
std::string_view name_of(Source source);

/// One piece of evidence that a host lives.
struct Sighting {
  std::string interface;
  net::IpAddress address;
  std::optional<net::MacAddress> mac;  ///< Absent where the evidence shows none.
  Source source = Source::kReply;
  std::optional<net::Duration> round_trip;
  unsigned requests = 0;  ///< That were sent to it.
};

/// Whether a host answers as a peer on its TCP port.
enum class PeerState { kUnknown, kPeer, kNoPeer };

struct Host {
  std::string interface;
  net::IpAddress address;
  std::vector<net::MacAddress> macs;  ///< All that claimed the address, the first one first.
  Source source = Source::kReply;
  std::optional<net::Duration> round_trip;
  unsigned requests = 0;
  bool self = false;
  PeerState peer = PeerState::kUnknown;
  std::string name;        ///< Found by its address; text from the network.
  unsigned enquiries = 0;  ///< About it that have not been answered yet.
};

/// Who was seen, and the verdicts about them.
class HostTable {
 public:
  /// From this many addresses on, one MAC that claims them all is taken for a proxy (or a host of very many names).
  static constexpr std::size_t kProxyAddresses = 5;
  /// Claimants remembered for one address.
  static constexpr std::size_t kMaxMacs = 8;

  using Key = std::pair<net::IpAddress, std::string>;  ///< Address and interface: the order of the table.

  enum class Change { kNone, kNew, kNewMac };
  struct Seen {
    Change change = Change::kNone;
    Host* host = nullptr;                               ///< Stays valid until the host is forgotten.
    std::optional<net::MacAddress> mac = std::nullopt;  ///< The one that was seen.
  };
  Seen see(const Sighting& sighting);
  /// Our own address. It is marked, and any other MAC that claims it is a conflict.
  Host& add_self(std::string interface, net::IpAddress address, net::MacAddress mac);

  /// The MACs that stand for the host itself: without those of proxies, unless there are no others.
  std::vector<net::MacAddress> own_macs(const Host& host) const;
  /// Two or more machines claim the address.
  bool conflict(const Host& host) const { return own_macs(host).size() > 1 && !proxy(host); }
  /// Only a proxy speaks for the address; it may well be nobody's.
  bool proxy(const Host& host) const;
  /// "self", "conflict", "proxy", "peer": the flags of p2p-peers(5), in this order.
  std::vector<std::string> flags(const Host& host) const;

  const std::map<Key, Host>& hosts() const { return hosts_; }
  std::map<Key, Host>& hosts() { return hosts_; }
  /// Takes a host out, and what its MACs said about proxies.
  void forget(const Key& key);
  Host* find(const std::string& interface, const net::IpAddress& address);
  /// Hosts other than ourselves.
  std::size_t others() const { return hosts_.size() - selves_; }

 private:
  bool is_proxy(const std::string& interface, const net::MacAddress& mac) const;

  std::map<Key, Host> hosts_;
  std::map<std::pair<std::string, net::MacAddress>, std::size_t> addresses_of_;  ///< Without our own.
  std::size_t selves_ = 0;
};

}  // namespace scanner
