// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/time.h"

namespace peer::members {

/// Who told us of an endpoint, the more trusted first: a table that is full gives up the least trusted hints.
/// kUser: the user, by name. kFile: the user's peer list. kRumour: somebody who may never have met the peer (Rumours).
enum class HintSource : std::uint8_t { kUser, kFile, kConnection, kIntroducer, kAnnouncement, kGossip, kRumour };

/// True where the user chose the endpoint, by name or in the file; false for nothing.
constexpr bool chosen_by_user(std::optional<HintSource> source) { return source && *source <= HintSource::kFile; }

/// Endpoints at which a peer may listen, and when to try each. A hint is never a fact: an endpoint is *known* only once
/// a HELLO succeeded there. Pure; times are given. Bounded: hints from one teller (`via`) are capped, so that nobody
/// can fill the table (threats T34, T35), and a known-good endpoint is never given up for a hint. A full table takes a
/// new hint in place of one that is less trusted, or as trusted but failing, or of a teller that has more of them in
/// it.
class PeerTable {
 public:
  struct Limits {
    std::size_t entries = 4096;
    std::size_t hints_per_teller = 256;  ///< Endpoints not known good that one teller may have in the table.
    std::size_t dialling = 16;           ///< Dials under way at once.
    net::Duration first_retry = std::chrono::seconds(2);
    net::Duration last_retry = std::chrono::minutes(5);  ///< Back-off doubles up to this, each with +-25 % jitter.
    /// A hint from others than the user or the file is forgotten after so many failed dials in a row; an endpoint that
    /// was known good after kPatience times as many, and one that is nothing but a rumour after one.
    unsigned failures_to_forget = 4;
  };

  static constexpr unsigned kPatience = 4;

  /// `seed` is for the jitter.
  PeerTable(Limits limits, std::uint64_t seed);

  /// Adds an untested endpoint; the caller has applied the address policy. `via` is the teller's address (nothing for
  /// the user and the file). False when it was there already or a bound keeps it out. A more trusted source takes over
  /// what a less trusted one told; what the user names is due at once.
  bool hint(net::TimePoint now, const net::Endpoint& endpoint, HintSource source,
            std::optional<net::IpAddress> via = std::nullopt);

  /// Endpoints to dial now: due, not connected, not being dialled; at most `budget`. They count as being dialled until
  /// one of the calls below. By turns one never tried (the most trusted first) and one to be tried again (the longest
  /// due first), so that a flood of hints cannot keep us from the peers we know.
  std::vector<net::Endpoint> take_due(net::TimePoint now, std::size_t budget);
  /// Takes this one of those that wait, or are suppressed for a while, whether it is due or not: it counts as being
  /// dialled. False where it is none of them.
  bool take(const net::Endpoint& endpoint);
  /// The next time at which take_due may give something; nothing when all are connected or being dialled, or no further
  /// dial is allowed before one ends.
  std::optional<net::TimePoint> deadline() const;

  /// The dial did not lead to a HELLO: later again, or forgotten. Means nothing for an endpoint not being dialled, such
  /// as one whose peer reached us first.
  void failed(net::TimePoint now, const net::Endpoint& endpoint);
  /// A HELLO succeeded with the peer that listens at `endpoint` (dialled, or told by one that dialled us). The endpoint
  /// is known from now on. Never refused: a full table gives up something else.
  void connected(net::TimePoint now, const net::Endpoint& endpoint);
  /// The connection ended: dialled again after a short while. Means nothing for an endpoint not connected.
  void disconnected(net::TimePoint now, const net::Endpoint& endpoint);
  /// We reached ourselves there, or a node that we are connected to by another endpoint: not dialled again while that
  /// lasts (`until` nothing: for good).
  void suppress(const net::Endpoint& endpoint, std::optional<net::TimePoint> until);

  /// Every endpoint that waits to be dialled again is due now, as if it had never been tried, and so is one that is
  /// suppressed, where `suppressed_too` says so of it.
  void try_all_again(net::TimePoint now, const std::function<bool(const net::Endpoint&)>& suppressed_too);

  /// The most trusted source of the endpoint; nothing for one that is not in the table. What was a rumour is
  /// kConnection once it is known.
  std::optional<HintSource> source(const net::Endpoint& endpoint) const;

  /// Nothing is known of the endpoint any more.
  void forget(const net::Endpoint& endpoint);

  /// Endpoints of peers that are connected now, for gossip.
  std::vector<net::Endpoint> connected_endpoints() const;
  /// Endpoints known good, connected now or lately, for peers.txt.
  std::vector<net::Endpoint> known_endpoints() const;
  /// Endpoints whose first dial has not ended yet: while there are some, "nobody has it" would be premature. Rumours
  /// are not among them: there may always be more, and nobody waits for them.
  std::size_t untested() const { return untested_; }
  struct Idle {
    net::Endpoint endpoint;
    HintSource source = HintSource::kGossip;
    bool known = false;
    std::optional<net::IpAddress> via = {};
  };
  /// Those that take() would take, but for those of which several dials in a row have failed and that are not due.
  std::vector<Idle> idle(net::TimePoint now) const;
  std::size_t size() const { return entries_.size(); }

 private:
  enum class State : std::uint8_t { kWaiting, kDialling, kConnected, kSuppressed };
  struct Entry {
    State state = State::kWaiting;
    HintSource source = HintSource::kGossip;
    bool known = false;
    bool tried = false;  ///< A dial has ended, or we were connected.
    unsigned failures = 0;
    std::optional<net::TimePoint> due;  ///< Nothing: never.
    std::optional<net::IpAddress> via;
  };
  using Entries = std::map<net::Endpoint, Entry>;
  /// What is given up first sorts last: hints before known ones, then by trust, then by failures.
  using Worth = std::tuple<bool, HintSource, unsigned, net::Endpoint>;

  void add_to_indexes(const net::Endpoint& endpoint, const Entry& entry);
  void remove_from_indexes(const net::Endpoint& endpoint, const Entry& entry);
  void count_for_teller(const net::IpAddress& teller, const net::Endpoint& endpoint, bool add);
  template <class Change>
  void change(Entries::iterator entry, Change apply);
  void erase(Entries::iterator entry);
  void take_over(net::TimePoint now, Entries::iterator entry, HintSource source);
  bool make_room_for_hint(HintSource source, const std::optional<net::IpAddress>& via);
  bool take_from_biggest_teller(HintSource source, const std::optional<net::IpAddress>& via);
  std::optional<net::Endpoint> next_due(net::TimePoint now);
  net::Duration jittered(net::Duration duration);
  static bool waited_for(const Entry& entry) { return !entry.tried && entry.source != HintSource::kRumour; }
  static bool idle(const Entry& entry) { return entry.state != State::kDialling && entry.state != State::kConnected; }
  static Worth worth(const net::Endpoint& endpoint, const Entry& entry);

  Limits limits_;
  std::mt19937_64 random_;
  Entries entries_;
  // Indexes over entries_, so that no call looks through all of them.
  std::set<std::tuple<HintSource, net::TimePoint, net::Endpoint>> fresh_;  ///< Waiting, never tried.
  std::set<std::pair<net::TimePoint, net::Endpoint>> retries_;             ///< Waiting or suppressed, tried.
  std::set<net::Endpoint> connected_;
  std::set<Worth> spendable_;                                    ///< Idle ones.
  std::map<net::IpAddress, std::set<net::Endpoint>> by_teller_;  ///< Those not known good.
  std::set<std::pair<std::size_t, net::IpAddress>> teller_sizes_;
  std::size_t dialling_ = 0;
  std::size_t untested_ = 0;  ///< See untested().
  bool retry_next_ = false;
};

}  // namespace peer::members
