// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "scanner/address_set.h"
#include "scanner/pacer.h"
#include "scanner/settings.h"

namespace scanner {

/// Asks every target until it answers, in rounds: whom to ask when, and when it is over. Pure: the driver is passive
/// I/O that sends what due() names, and reports every valid answer.
///
///     count = sweep.due(now, batch)    which targets to ask now
///     sweep.sent(now, n)               the first n of them have been asked
///     sweep.answered(now, address, kind)
///     sweep.deadline()                 when to call again
///
/// State is an array indexed by the target's position, so an answer costs no search: 12 bytes a target. Within a round
/// consecutive requests go to addresses far apart, so that no single switch port or access point gets a run of them.
class Sweep {
 public:
  /// REQUIRES: targets not empty and at most kMaxTargets addresses.
  Sweep(const AddressSet& targets, SweepSettings settings, net::TimePoint now);

  static constexpr std::uint64_t kMaxTargets = 1U << 24;

  /// Fills `out` with targets to be asked at `now`, in order, and returns how many; 0 when none is due. A target that
  /// has answered is never among them. Naming a target does not count as asking it.
  std::size_t due(net::TimePoint now, std::span<net::Ipv4Address> out);
  /// The first `count` targets that the last due() named were asked at `now`.
  void sent(net::TimePoint now, std::size_t count);
  /// The kernel had no room for a request: those not sent are named again after a pause.
  void blocked(net::TimePoint now) { pacer_.blocked(now); }
  /// The kernel's count of received frames it had to drop so far.
  void dropped(net::TimePoint now, std::uint64_t total);

  enum class Evidence { kReply, kUnasked };
  struct Answer {
    bool target = false;  ///< False: not one of ours.
    bool first = false;   ///< The target was silent until now.
    /// From the request that this answers, as far as that can be told: ARP replies carry no number. See answered().
    std::optional<net::Duration> round_trip;
    unsigned requests = 0;  ///< Sent to the target so far.
  };
  /// A target showed that it lives, by a reply or otherwise (kUnasked: then there is no round trip).
  ///
  /// A reply that follows the last request as soon as replies in this network do is taken to answer that one (so the
  /// earlier ones were lost); any other, to answer the first (so it was late). Only sure round trips, of targets that
  /// were asked once, teach what "soon" is.
  Answer answered(net::TimePoint now, net::Ipv4Address address, Evidence evidence);

  /// Nothing more will be asked and nobody more is waited for.
  bool done(net::TimePoint now) const;
  /// When due() or done() may have something new to say, at the latest.
  std::optional<net::TimePoint> deadline(net::TimePoint now) const;

  struct Progress {
    std::uint64_t targets = 0;
    std::uint64_t answered = 0;
    std::uint64_t requests = 0;
    unsigned round = 1;
    std::uint64_t round_targets = 0;  ///< Targets of this round.
    std::uint64_t round_done = 0;     ///< Of those, asked or no longer to be asked.
    std::uint64_t found_later = 0;    ///< Targets whose first requests or replies were lost.
    std::uint64_t dropped = 0;        ///< By the kernel.
    double rate = 0;
  };
  Progress progress() const;

 private:
  struct Target {
    std::uint32_t first_asked = 0;  ///< In ticks of 10 us since the start.
    std::uint32_t last_asked = 0;
    std::uint8_t requests = 0;
    bool answered = false;
  };
  enum class Phase { kAsking, kSample, kTail };

  std::optional<std::uint32_t> index_of(net::Ipv4Address address) const;
  net::Ipv4Address address_of(std::uint32_t index) const;
  std::uint32_t ticks(net::TimePoint at) const;
  net::TimePoint time_of(std::uint32_t ticks) const;

  void fill_first_round();
  void advance(net::TimePoint now);
  void skip_answered();
  void begin_round(net::Duration gap, bool sampled);
  void end_queue(net::TimePoint now);
  bool extra_round_earned() const;
  net::TimePoint extra_round_at() const;
  net::TimePoint tail_end() const;
  net::TimePoint next_due() const;
  void learn(net::Duration round_trip);
  net::Duration soon() const;

  std::vector<AddressRange> ranges_;
  std::vector<std::uint32_t> starts_;  ///< Index of each range's first address.
  std::vector<Target> targets_;
  SweepSettings settings_;
  Pacer pacer_;
  net::TimePoint start_;

  Phase phase_ = Phase::kAsking;
  std::vector<std::uint32_t> queue_;  ///< This round's targets, in order.
  std::size_t position_ = 0;
  std::vector<std::uint32_t> rest_;   ///< Of a sampled round: what comes when the sample found somebody.
  std::vector<std::uint32_t> batch_;  ///< Positions in queue_ that due() named.
  net::Duration gap_{};               ///< Before this round's request.
  unsigned round_ = 1;
  unsigned extra_used_ = 0;
  std::uint64_t later_before_round_ = 0;
  net::TimePoint first_round_end_;
  net::TimePoint last_sent_;

  std::uint64_t answered_ = 0;
  std::uint64_t found_later_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t dropped_ = 0;
  net::TimePoint last_found_;
  bool late_seen_ = false;
  std::vector<net::Duration> round_trips_;  ///< Sure ones, sorted; at most kLearned.
};

}  // namespace scanner
