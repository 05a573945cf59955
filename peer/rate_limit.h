// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "net/rate.h"
#include "net/time.h"
#include "peer/ids.h"

namespace peer {

/// A rate as the user writes it (p2ppeer(1), RATE): a number with or without a fraction, then nothing, K, M or G for
/// bytes a second in powers of 1024, or kbit, Mbit or Gbit for bits a second in powers of 1000. Case does not matter.
/// Bytes a second, kMinRate..kMaxRate; nothing for any other text.
std::optional<std::uint64_t> parse_rate(std::string_view text);

inline constexpr std::uint64_t kMinRate = 1000;
inline constexpr std::uint64_t kMaxRate = 1'000'000'000'000;

/// One direction of `--limit`: how much each connection may move now, so that all together keep to a rate. Pure.
///
/// Time goes in short rounds. What has accrued by the beginning of a round is shared equally by those connections that
/// used up what they had in the round before; the others take what they need of it, and at least a small grant, so that
/// one that begins is not kept out by those that are there.
class RateLimit {
 public:
  static constexpr net::Duration kRound = std::chrono::milliseconds(20);

  /// `bytes_per_second`: kMinRate..kMaxRate.
  RateLimit(std::uint64_t bytes_per_second, net::TimePoint now);

  /// Bytes that the connection may move now.
  std::uint64_t allowance(ConnectionId connection) const;
  /// What must not wait behind file data (messages) may go although there is no allowance, unless this is true: then
  /// more than a second's worth has gone too early.
  bool overdrawn() const { return overdrawn_; }
  void moved(ConnectionId connection, std::uint64_t count, net::TimePoint now);
  /// Begins the next round when it is time.
  void refresh(net::TimePoint now);
  /// When to refresh(); nothing while nobody has to wait for it.
  std::optional<net::TimePoint> deadline() const;

 private:
  std::uint64_t quantum_;  ///< What accrues in a round; less is not given out.
  net::TokenBucket bucket_;
  net::TimePoint round_ends_;
  bool paused_ = false;  ///< Nothing has accrued for this round.
  bool overdrawn_ = false;
  std::uint64_t share_ = 0;  ///< Of each connection in this round.
  std::uint64_t left_ = 0;   ///< Of what all may move in this round.
  std::map<ConnectionId, std::uint64_t> used_;
  std::set<ConnectionId> hungry_;  ///< Those that have used up what they had.
};

}  // namespace peer
