// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

namespace net {

/// All deadlines and durations are on the monotonic clock, so a jump of the wall clock changes nothing. Pure code is
/// given `now`: the drivers read the clock, in a select loop once a pass.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

inline double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// The earlier of two deadlines, where "none" is later than any.
inline std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace net
