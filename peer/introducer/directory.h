// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/time.h"
#include "peer/introducer/origin.h"
#include "peer/introducer/protocol.h"

namespace peer::introducer {

/// Who joined lately. An entry belongs to the address it was made from: (address, id) names it, so nobody changes or
/// removes another's. Times are on the monotonic clock. Joining and leaving cost O(log peers), an answer a bounded
/// number of looks.
class Directory {
 public:
  /// Entries of one Origin, times its weight; one more replaces the oldest of them (threat T35).
  static constexpr std::size_t kPerOrigin = 64;
  /// Of one Origin in one answer, while there are others.
  static constexpr std::size_t kPerAnswer = 2;
  /// Entries looked at for one answer.
  static constexpr std::size_t kMaxLooked = 1024;
  /// Entries that one expire() forgets.
  static constexpr std::size_t kMaxExpired = 1024;

  struct Config {
    net::Duration ttl = std::chrono::minutes(10);
    std::size_t max_peers = 100'000;
  };
  explicit Directory(const Config& config) : config_(config) {}

  /// Enters or refreshes the peer; another one at the same endpoint is replaced. False, and nothing changes, when it is
  /// new and the directory is full. REQUIRES: the address is where the peer was seen; contacts do not go back in time.
  bool join(net::TimePoint now, const Peer& peer);
  void leave(const std::string& id, const net::IpAddress& address);

  /// At most `count` live peers that `asker` can reach (see scope_of), without those of the id `except`; the one that
  /// joined last first.
  std::vector<Peer> newest(net::TimePoint now, const std::string& except, const net::IpAddress& asker,
                           std::size_t count) const;

  /// Forgets who did not come again in time; at most kMaxExpired, so call it again at deadline().
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;
  std::size_t size() const { return by_key_.size(); }

  /// What is to be kept on disk, in order.
  struct Change {
    Peer peer;
    bool gone = false;  ///< Otherwise: came at this moment.
  };
  /// All since the last call.
  std::vector<Change> take_changes() { return std::exchange(changes_, {}); }

 private:
  struct Entry {
    Peer peer;
    net::TimePoint contact;
    std::uint64_t number;  ///< Counts contacts: the order over all scopes.
  };
  using Entries = std::list<Entry>;
  using Position = Entries::iterator;
  using Key = std::pair<net::IpAddress, std::string>;

  Entries& entries_of(const net::IpAddress& address) { return scopes_[static_cast<std::size_t>(scope_of(address))]; }
  void forget(Position position);
  void make_room(const Origin& origin, const net::Endpoint& endpoint);

  Config config_;
  std::array<Entries, 3> scopes_;  ///< By Scope; the one that came last is at the front.
  std::map<Key, Position> by_key_;
  std::map<Origin, std::vector<Position>> by_origin_;
  std::uint64_t contacts_ = 0;
  std::vector<Change> changes_;
};

}  // namespace peer::introducer
