// SPDX-License-Identifier: MIT
#pragma once

#include "net/time.h"

namespace support {

/// A clock that goes on only when told. It starts an hour after zero, so that a test can also look back.
class ManualClock {
 public:
  net::TimePoint now() const { return now_; }
  net::TimePoint advance(net::Duration by) { return now_ += by; }
  /// Never goes back: an earlier time changes nothing.
  net::TimePoint advance_to(net::TimePoint to) {
    if (to > now_) now_ = to;
    return now_;
  }

 private:
  net::TimePoint now_{std::chrono::hours(1)};
};

}  // namespace support
