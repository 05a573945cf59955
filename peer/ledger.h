// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/rate.h"
#include "net/time.h"
#include "peer/files/content_id.h"
#include "peer/ids.h"

namespace peer {

/// Who sent us how much of each download, and who took how much of what we offer: for `status`, and for the logs once
/// something has ended. It only watches. Pure, and bounded whatever the peers do (threat T19).
class Ledger {
 public:
  static constexpr std::size_t kMaxSources = 256;  ///< Of a download that are told apart; further ones are not listed.
  static constexpr std::size_t kMaxTaken = 64;     ///< Contents that one connection takes at a time.
  static constexpr std::size_t kMaxRecords = 16384;  ///< That wait to be taken; further ones are lost.
  /// What a peer takes has ended when it has not asked for more for this long.
  static constexpr net::Duration kIdle = std::chrono::seconds(10);
  /// What goes on for longer than this is recorded in parts.
  static constexpr net::Duration kLongest = std::chrono::minutes(10);

  struct Party {
    net::Endpoint endpoint;
    std::string name;  ///< Untrusted text.
    bool operator==(const Party&) const = default;
  };
  struct Portion {
    Party party;
    std::uint64_t bytes = 0;  ///< Of verified chunks.
    double rate = 0;          ///< Bytes a second, now.
  };
  enum class Outcome { kDone, kAlreadyThere, kFailed, kCancelled };
  /// A download that has ended.
  struct Fetched {
    files::ContentId id;
    std::string path;  ///< Relative to the home folder, or absolute.
    std::uint64_t bytes = 0;
    net::Duration took{};
    Outcome outcome = Outcome::kDone;
    std::string error;             ///< Where it failed.
    std::vector<Portion> sources;  ///< The one that sent most first.
  };
  /// What one peer takes, or has taken, of one content.
  struct Taken {
    enum class State {
      kRunning,  ///< There may be more to come.
      kWhole,    ///< As many bytes as the content has were sent.
      kPart,     ///< The peer wants no more of it.
      kClosed,   ///< The connection was closed.
    };
    Party party;
    files::ContentId id;
    std::uint64_t bytes = 0;  ///< Taken by the socket.
    double rate = 0;          ///< Bytes a second, now.
    net::Duration took{};
    State state = State::kRunning;
  };

  // --- downloads ---
  /// The bytes of a chunk came; they are not verified yet.
  void came(TransferId transfer, const NodeId& from, const Party& party, std::uint64_t bytes, net::TimePoint now);
  void verified(TransferId transfer, const NodeId& from, std::uint64_t bytes);
  std::vector<Portion> sources(TransferId transfer, net::TimePoint now) const;
  /// The download has ended; sources are filled in here.
  void end(TransferId transfer, Fetched record, net::TimePoint now);

  // --- uploads ---
  /// So many bytes of a content were put into the connection's queue.
  void queued(ConnectionId connection, const Party& party, const files::ContentId& id, std::uint64_t bytes,
              net::TimePoint now);
  /// Of all that was queued this much is still in the queue.
  void unsent(ConnectionId connection, std::uint64_t bytes, net::TimePoint now);
  void not_interested(ConnectionId connection, const files::ContentId& id, net::TimePoint now);
  void closed(ConnectionId connection, net::TimePoint now);
  /// What is being taken.
  std::vector<Taken> taken(net::TimePoint now) const;

  // --- records ---
  std::vector<Fetched> take_fetched() { return std::exchange(fetched_, {}); }
  std::vector<Taken> take_taken() { return std::exchange(ended_, {}); }

  std::optional<net::TimePoint> deadline() const { return look_at_; }
  void expire(net::TimePoint now);

 private:
  struct Source {
    Party party;
    std::uint64_t bytes = 0;
    net::RateMeter rate;
  };
  struct Entry {
    std::uint64_t bytes = 0;
    std::uint64_t waiting = 0;  ///< In the queue.
    net::RateMeter rate;
    net::TimePoint since{}, last{};
    bool interested = true;
  };
  struct Taker {
    Party party;
    std::map<files::ContentId, Entry> entries;
    std::deque<std::pair<files::ContentId, std::uint64_t>> queue;  ///< In the order of the connection's queue.
    std::uint64_t waiting = 0;                                     ///< Bytes in it.
  };
  using Entries = std::map<files::ContentId, Entry>;

  static Taken describe(const Party& party, const files::ContentId& id, const Entry& entry, net::TimePoint now);
  void record(const Taker& taker, const files::ContentId& id, const Entry& entry, Taken::State state);
  /// Records the entry and takes it out where it has ended; the next one.
  Entries::iterator settle(Taker& taker, Entries::iterator at, net::TimePoint now);

  std::map<TransferId, std::map<NodeId, Source>> sources_;
  std::map<ConnectionId, Taker> takers_;
  std::vector<Fetched> fetched_;
  std::vector<Taken> ended_;
  std::optional<net::TimePoint> look_at_;
};

}  // namespace peer
