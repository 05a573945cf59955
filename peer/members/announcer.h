// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/rate.h"
#include "net/time.h"
#include "net/timers.h"
#include "peer/ids.h"
#include "peer/library.h"
#include "peer/members/announce_message.h"
#include "peer/members/source_limits.h"

namespace peer::members {

/// When to announce, whom to answer and what to make of what others announce: p2p-protocol(7), ANNOUNCEMENTS. Pure: it
/// is given datagrams and the time, and gives actions. Nothing that comes is believed: an announcement is a hint of its
/// sender's address, a leave a reason to look whether the node is still there. Memory and answers are bounded whatever
/// comes. (threats T33, T35, T50, T52)
class Announcer {
 public:
  static constexpr net::Duration kInterval = std::chrono::seconds(30);
  /// Three intervals at their longest.
  static constexpr net::Duration kForgetAfter = std::chrono::seconds(108);
  static constexpr std::size_t kMaxHeard = 1024;
  static constexpr std::size_t kMaxHeardPerAddress = 16;
  static constexpr unsigned kMaxAnswers = 3;  ///< To one instance.
  /// The first announcements are filled up to this, so that the answers have room.
  static constexpr std::size_t kQuestionSize = 600;

  struct Config {
    NodeId id{};
    std::uint64_t instance = 0;
    std::string user;
    std::uint16_t port = 0;  ///< 0: we only ask, as a peer does that lives for one command.
    std::uint64_t seed = 0;
    /// True while there is a connection to the node.
    std::function<bool(const NodeId&)> connected;
  };

  /// To everybody, through every interface, or to one endpoint.
  struct Send {
    std::string datagram;
    std::optional<net::Endpoint> to;
  };
  /// A peer may listen there; its own address told so.
  struct Hint {
    net::Endpoint endpoint;
  };
  /// Look whether the node is still at the other end of its connection.
  struct Probe {
    NodeId node;
  };
  using Action = std::variant<Send, Hint, Probe>;

  /// Begins to announce. `library` must outlive it.
  Announcer(Config config, const Library& library, net::TimePoint now);

  /// A datagram came. `to_all`: it was sent to a broadcast or multicast address, not to us alone.
  void received(net::TimePoint now, const net::Endpoint& from, bool to_all, net::ByteView datagram);
  /// Announces as at the start, and listens for answers.
  void ask_again(net::TimePoint now);
  /// The host has other interfaces or addresses than before: announces as at the start.
  void interfaces_changed(net::TimePoint now);
  /// The datagram that says that we leave; to be sent to all, twice. Nothing for one that only asks, as nobody
  /// remembers it.
  std::optional<std::string> farewell() const;

  void expire(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;
  std::vector<Action> take_actions() { return std::exchange(actions_, {}); }

  /// True while answers to our first questions may still come.
  bool listening_for_answers() const { return answers_until_.has_value(); }
  /// Those heard of and not forgotten.
  std::size_t heard() const { return heard_.size(); }

 private:
  /// One node may be heard from several addresses, and several nodes from one.
  struct Speaker {
    net::IpAddress address;
    NodeId node;
    auto operator<=>(const Speaker&) const = default;
  };
  struct Heard {
    std::uint64_t instance = 0;
    std::uint16_t port = 0;
    unsigned answers = 0;
    std::optional<net::TimePoint> answered_at;
    net::TimePoint last{};
  };

  void announce(net::TimePoint now);
  net::Duration answer_time() const;
  void schedule_next(net::TimePoint now);
  Announcement own(bool with_files) const;
  void answer(net::TimePoint now, Heard& heard, const net::Endpoint& to, std::size_t limit);
  void heard_announce(net::TimePoint now, const net::Endpoint& from, const Announcement& announcement, bool to_all,
                      std::size_t size);
  void heard_leave(const net::Endpoint& from, const Announcement& announcement);
  /// `fresh`: it was not known.
  Heard& remember(const Speaker& speaker, bool& fresh);
  void make_room(const net::IpAddress& address);
  void forget(const Speaker& speaker);
  void consider_dialling(net::TimePoint now, const Speaker& speaker, bool fresh);
  net::Duration jittered(net::Duration duration, double by);

  Config config_;
  const Library& library_;
  std::mt19937_64 random_;
  std::vector<Action> actions_;

  std::size_t burst_step_ = 0;  ///< Of the first announcements, the one that is next; past them: every kInterval.
  net::TimePoint next_;
  std::optional<std::uint64_t> told_revision_;  ///< Of the files that were last announced.
  std::optional<net::TimePoint> answers_until_;

  std::map<Speaker, Heard> heard_;
  std::map<net::IpAddress, std::size_t> heard_at_;  ///< How many of them at each address.
  net::Timers<Speaker> forget_at_;
  net::Timers<Speaker> dial_at_;
  SourceLimits limits_;
  net::TokenBucket answer_allowance_;
};

}  // namespace peer::members
