// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "net/address.h"
#include "net/time.h"

namespace peer::members {

/// Whom to visit next: in a network that is larger than anybody's number of connections, who wants to know all of it
/// dials each of the others for a moment, and whom it needs for as long as that takes. A queue for that, in which those
/// come first that are most likely there, and of those that others tell of one of each teller in turn, so that nobody
/// can put what he has made up before what is true (threats T34, T35). Otherwise chance decides, as others may visit
/// the same peers at the same time. Who answers but has no place is tried again a few times; who does not answer is
/// left in peace for a while. Pure; times are given.
class Visits {
 public:
  struct Limits {
    std::size_t under_way_at_address = 4;  ///< Of one IP address, at a time.
    std::size_t entries = 8192;
    unsigned tries = 8;  ///< Of one that answers but has no place.
    /// Doubles each time up to this, each with +-25 % jitter.
    net::Duration first_retry = std::chrono::milliseconds(100);
    net::Duration last_retry = std::chrono::milliseconds(800);
    net::Duration failed_pause = std::chrono::seconds(30);
  };

  /// The most urgent first.
  enum class Reason : std::uint8_t {
    kNeeded,  ///< It has what we fetch, or is to get what we push.
    kKnown,   ///< A peer was reached there before.
    kHeard,   ///< It told of itself.
    kTold,    ///< Others tell of it.
    kListed,  ///< The user's list has it, and nobody was seen there yet.
  };

  /// `seed` is for what is left to chance.
  Visits(Limits limits, std::uint64_t seed) : limits_(limits), random_(seed) {}

  /// Forgets who was visited, so that all may be added again, and who waits, but for those who are needed. Visits that
  /// are under way go on.
  void begin_again();

  /// Somebody to visit, `via` as in PeerTable::hint(). Means little for one that has been visited, is being visited, or
  /// has failed lately; a more urgent reason prevails.
  void add(net::TimePoint now, const net::Endpoint& endpoint, Reason reason,
           const std::optional<net::IpAddress>& via = std::nullopt);

  struct Visit {
    net::Endpoint endpoint;
    Reason reason = Reason::kTold;
    std::optional<net::IpAddress> via = {};
  };
  /// Whom to visit now; under way until one of the calls below. `only_needed`: nobody else.
  std::optional<Visit> next(net::TimePoint now, bool only_needed = false);

  /// It was seen, or need not be.
  void seen(const net::Endpoint& endpoint);
  /// It has no place for us now. May be told of one that was never added, too.
  void turned_away(net::TimePoint now, const net::Endpoint& endpoint);
  /// It did not answer.
  void failed(net::TimePoint now, const net::Endpoint& endpoint);

  /// When next() may give somebody that it does not give now, without anything else happening.
  std::optional<net::TimePoint> deadline() const;
  /// Those that wait, also for another try.
  std::size_t waiting() const { return queue_.size() + again_.size(); }
  std::size_t under_way() const { return under_way_; }
  /// How many wait or are under way that somebody has seen.
  std::size_t expected() const { return expected_; }

 private:
  enum class State : std::uint8_t { kQueued, kAgain, kUnderWay, kOver };
  struct Entry {
    State state = State::kOver;
    Reason reason = Reason::kTold;
    unsigned nth = 0;  ///< Of those that its teller told, and for the same reason.
    std::uint64_t lot = 0;
    unsigned tries = 0;
    std::optional<net::IpAddress> via{};
    net::TimePoint due{};  ///< Of one that is tried again.
  };
  using Entries = std::map<net::Endpoint, Entry>;
  /// Who is next.
  using Turn = std::tuple<Reason, unsigned, std::uint64_t, net::Endpoint>;

  static Turn turn_of(const net::Endpoint& endpoint, const Entry& entry) {
    return {entry.reason, entry.nth, entry.lot, endpoint};
  }
  static bool expected(const Entry& entry) { return entry.state != State::kOver && entry.reason < Reason::kListed; }
  void set_state(Entries::iterator entry, State state);

  Limits limits_;
  std::mt19937_64 random_;
  Entries entries_;
  std::set<Turn> queue_;
  std::set<std::pair<net::TimePoint, net::Endpoint>> again_;
  std::map<std::pair<Reason, net::IpAddress>, unsigned> told_;  ///< How many each teller has told.
  std::map<net::IpAddress, std::size_t> under_way_at_;
  std::map<net::Endpoint, net::TimePoint> failed_;  ///< Until when they are left in peace.
  std::size_t under_way_ = 0;
  std::size_t expected_ = 0;
};

}  // namespace peer::members
