// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "peer/introducer/client.h"

namespace peer::introducer {

/// A peer's place in an introducer's directory (p2pdns(8)): when to come again, what to say and what came of it. A
/// conversation is one connection, one request and its answer. Pure: the owner connects and moves the bytes.
class Registration {
 public:
  /// Directories keep an entry for minutes: this keeps it there when a conversation or two fail.
  static constexpr net::Duration kInterval = std::chrono::seconds(60);
  /// After a failure; doubles up to kInterval.
  static constexpr net::Duration kFirstRetry = std::chrono::seconds(2);
  static constexpr net::Duration kConversationTime = std::chrono::seconds(10);
  /// Peers asked for.
  static constexpr std::size_t kWanted = 16;

  struct Config {
    std::string peer_id;  ///< REQUIRES: is_peer_id().
    std::uint16_t port = 0;
    /// The introducer's addresses; the next one is tried where one fails. REQUIRES: not empty.
    std::vector<net::Endpoint> introducer;
    std::uint64_t seed = 0;
  };
  /// The first conversation is due at once.
  Registration(Config config, net::TimePoint now);

  /// What came of a conversation, which has then ended.
  struct Outcome {
    std::vector<net::Endpoint> peers;  ///< Hints, whatever the introducer says.
    std::string problem;               ///< For people; empty when all went well.
  };

  /// Where to connect now. Nothing: it is not yet time, a conversation is under way, or we have left.
  std::optional<net::Endpoint> begin(net::TimePoint now);
  /// What to send in the conversation that began.
  std::string request() const;
  /// Bytes came. REQUIRES: a conversation.
  std::optional<Outcome> received(net::TimePoint now, std::string_view bytes);
  /// The conversation failed. REQUIRES: a conversation.
  Outcome failed(net::TimePoint now, const std::string& reason);
  /// The end of a conversation that takes too long.
  std::optional<Outcome> expire(net::TimePoint now);

  /// The next conversation is due at once.
  void ask_again(net::TimePoint now);
  /// The peer leaves: from now on there is one conversation at most, which says so.
  void leave(net::TimePoint now);
  /// True when the introducer need not be told anything any more. Only after leave().
  bool left() const { return leaving_ && !talking_ && !next_; }

  bool talking() const { return talking_; }
  /// When begin() or expire() has something to do.
  std::optional<net::TimePoint> deadline() const { return talking_ ? give_up_at_ : next_; }

 private:
  Outcome end(net::TimePoint now, Outcome outcome);
  net::Duration jittered(net::Duration duration);
  const net::Endpoint& introducer() const { return config_.introducer[address_]; }

  Config config_;
  std::mt19937_64 random_;
  std::size_t address_ = 0;  ///< Of the introducer, the one in use.
  bool talking_ = false;
  bool saying_leave_ = false;  ///< In this conversation.
  bool registered_ = false;    ///< It may have an entry of ours.
  bool leaving_ = false;
  std::optional<net::TimePoint> next_;
  std::optional<net::TimePoint> give_up_at_;
  net::Duration retry_ = kFirstRetry;
  AnswerParser answer_;
};

}  // namespace peer::introducer
