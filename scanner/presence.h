// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "scanner/hosts.h"

namespace scanner {

/// Tells who came, went and changed, from what one sweep after another sees. A lost answer is no event: a host has
/// left when kMisses sweeps in a row, each of several requests, did not see it. Pure.
class Presence {
 public:
  static constexpr unsigned kMisses = 3;

  using Key = HostTable::Key;
  enum class Kind {
    kJoin,
    kLeave,
    kChange,    ///< Another MAC has the address now.
    kConflict,  ///< Another MAC claims the address as well.
    kMove,      ///< A MAC that was known at another address, which is silent now.
  };
  struct Event {
    Kind kind = Kind::kJoin;
    Key host;
    net::MacAddress mac;                        ///< Now; of a host that left, the last one.
    std::optional<net::MacAddress> old_mac;     ///< kChange, kConflict
    std::optional<net::IpAddress> old_address;  ///< kMove
    bool operator==(const Event&) const = default;
  };

  /// Evidence of a host. A join is told at once, unless it may turn out to be a move.
  std::optional<Event> seen(const Key& host, const net::MacAddress& mac);
  /// Everybody has been asked: tells the rest.
  std::vector<Event> end_sweep();

 private:
  struct Known {
    std::map<net::MacAddress, unsigned> misses;  ///< Sweeps in a row in which the MAC was not seen.
    std::vector<net::MacAddress> now;            ///< Seen in this sweep, in order.
    net::MacAddress main;
  };
  /// The only other address that had `mac` and has not been seen in this sweep.
  std::optional<Key> silent_owner(const Key& host, const net::MacAddress& mac) const;
  void settle(const Key& host, Known& known, std::vector<Event>& events);

  std::map<Key, Known> known_;
  std::map<Key, net::MacAddress> perhaps_moved_;
};
std::string_view name_of(Presence::Kind kind);

}  // namespace scanner
