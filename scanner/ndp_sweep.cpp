// SPDX-License-Identifier: MIT
#include "scanner/ndp_sweep.h"

#include <algorithm>

namespace scanner {

NdpSweep::NdpSweep(std::vector<net::Ipv6Address> targets, const SweepSettings& settings, net::TimePoint now)
    : settings_(settings),
      everybody_(targets.empty()),
      asked_(targets.begin(), targets.end()),
      silent_(asked_),
      start_(now) {}

std::optional<net::TimePoint> NdpSweep::next_round() const {
  if (!everybody_ && silent_.empty()) return std::nullopt;
  if (sent_.empty()) return start_;
  if (sent_.size() > settings_.gaps.size()) return std::nullopt;
  return sent_.back() + settings_.gaps[sent_.size() - 1];
}

std::optional<unsigned> NdpSweep::due(net::TimePoint now) {
  const auto next = next_round();
  if (!next || *next > now) return std::nullopt;
  sent_.push_back(now);
  return rounds_sent();
}

bool NdpSweep::answered(const net::Ipv6Address& address) {
  silent_.erase(address);
  return everybody_ || asked_.contains(address);
}

std::optional<net::Duration> NdpSweep::since_round(net::TimePoint now, unsigned round) const {
  if (round == 0 || round > sent_.size()) return std::nullopt;
  return now - sent_[round - 1];
}

net::TimePoint NdpSweep::end() const {
  if (!everybody_ && silent_.empty()) return start_;
  if (const auto next = next_round()) return *next + settings_.tail;
  return std::max(sent_.front() + settings_.timeout, sent_.back() + settings_.tail);
}

net::TimePoint NdpSweep::deadline() const { return next_round().value_or(end()); }

}  // namespace scanner
