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
    kMove,      ///< A MAC that was known at one other address, which is silent now.
  };
  struct Event {
    Kind kind = Kind::kJoin;
    Key host;
    net::MacAddress mac;                        ///< Now; of a host that left, the last one.
    std::optional<net::MacAddress> old_mac;     ///< kChange, kConflict
    std::optional<net::IpAddress> old_address;  ///< kMove
    bool operator==(const Event&) const = default;
  };

  /// Evidence of a host. A join is told at once, unless it may turn out to be a move: that is known when a sweep, or
  /// where the old address had answered before the new one a second sweep, has ended.
  std::optional<Event> seen(const Key& host, const net::MacAddress& mac);
  /// Everybody has been asked: tells the rest.
  std::vector<Event> end_sweep();

 private:
  struct Known {
    std::map<net::MacAddress, unsigned> misses;  ///< Sweeps in a row in which the MAC was not seen.
    std::vector<net::MacAddress> now;            ///< Seen in this sweep, in order.
    net::MacAddress main;
    bool settled = false;  ///< Known since an earlier sweep.
  };
  struct Newcomer {
    net::MacAddress mac;
    bool waited = false;  ///< For a sweep in which the old address was seen as well.
  };
  /// The only other address that `mac` has, if that is known since an earlier sweep.
  std::optional<Key> former_address(const Key& host, const net::MacAddress& mac) const;
  void settle(const Key& host, Known& known, std::vector<Event>& events);

  std::map<Key, Known> known_;
  std::map<Key, Newcomer> perhaps_moved_;
};
std::string_view name_of(Presence::Kind kind);

}  // namespace scanner
