// SPDX-License-Identifier: MIT
#include "scanner/settings.h"

#include <algorithm>

namespace scanner {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kSmallSweep = 256;     // addresses asked at the first rate throughout
constexpr std::uint64_t kSampledSweep = 4096;  // addresses from which a whole second round costs seconds
constexpr double kLargeCap = 5000;

SweepSettings of_profile(Profile profile) {
  SweepSettings settings;
  settings.extra_gap = milliseconds(250);
  settings.extra_rounds = 2;
  if (profile == Profile::kLan) {
    settings.gaps = {milliseconds(250), milliseconds(500)};
    // Hosts that answer after 800 ms exist (sleeping radios, busy devices); 50 ms is for their jitter.
    settings.timeout = milliseconds(850);
    settings.tail = milliseconds(100);
  } else {
    settings.gaps = {milliseconds(250), milliseconds(500), milliseconds(500), milliseconds(500)};
    settings.timeout = milliseconds(1500);
    settings.tail = milliseconds(1500);
  }
  return settings;
}

}  // namespace

SweepSettings make_settings(Profile profile, std::uint64_t targets, const SweepOverrides& overrides) {
  SweepSettings settings = of_profile(profile);
  settings.rate_cap = targets > kSmallSweep ? kLargeCap : settings.rate;
  settings.sampled_rounds = targets > kSampledSweep;
  if (overrides.rate) settings.rate = settings.rate_cap = *overrides.rate;
  if (overrides.retries) {
    settings.gaps.resize(*overrides.retries, settings.gaps.back());
    settings.extra_rounds = 0;
    settings.sampled_rounds = false;
  }
  if (overrides.timeout) {
    settings.timeout = *overrides.timeout;
    settings.tail = std::min(settings.tail, settings.timeout);
  }
  return settings;
}

}  // namespace scanner
