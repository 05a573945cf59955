// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/time.h"

namespace scanner {

enum class Profile { kLan, kWifi };

/// How a sweep asks: all that decides its length and how many lost or late answers it survives.
struct SweepSettings {
  double rate = 1000;      ///< Requests a second, at first.
  double rate_cap = 1000;  ///< What the rate may grow to while nothing is lost. At least `rate`.
  /// Pause between a target's requests: the second follows the first by gaps[0], and so on. One round more than gaps.
  std::vector<net::Duration> gaps;
  unsigned extra_rounds = 0;  ///< Further rounds that evidence of loss may earn.
  net::Duration extra_gap{};  ///< Pause before those.
  net::Duration timeout{};    ///< An answer to a first request is awaited this long.
  net::Duration tail{};       ///< An answer to a last request is awaited at least this long.
  /// Large sweeps: later rounds begin with a part of the silent targets and go on only when that found somebody.
  bool sampled_rounds = false;
};

/// What the user may say; each stands for the profile's own value when absent.
struct SweepOverrides {
  std::optional<double> rate;
  std::optional<unsigned> retries;
  std::optional<net::Duration> timeout;
};

/// The settings for `targets` addresses. Up to 256 addresses are asked at 1000/s; more begin there and grow to 5000/s.
/// Where the user gives a rate it is kept; where he gives a number of retries there are exactly that many, for every
/// silent target. Retries beyond the profile's gaps repeat the last gap.
SweepSettings make_settings(Profile profile, std::uint64_t targets, const SweepOverrides& overrides);

}  // namespace scanner
