// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "scanner/settings.h"

namespace scanner {

/// When IPv6 hosts are asked: all nodes of a link at once, or single targets, in rounds. One request reaches everybody,
/// so nobody can be left out of a later round of the first kind. Pure.
class NdpSweep {
 public:
  /// Without `targets`, everybody.
  NdpSweep(std::vector<net::Ipv6Address> targets, const SweepSettings& settings, net::TimePoint now);

  /// The number of the round that is to be sent now, from 1; each is named once.
  std::optional<unsigned> due(net::TimePoint now);
  /// Targets that have not answered yet.
  const std::set<net::Ipv6Address>& silent() const { return silent_; }
  bool for_everybody() const { return everybody_; }
  /// True when the host is one that was asked for.
  bool answered(const net::Ipv6Address& address);
  /// Since that round was sent; nothing for a round that was not.
  std::optional<net::Duration> since_round(net::TimePoint now, unsigned round) const;

  unsigned rounds_sent() const { return static_cast<unsigned>(sent_.size()); }
  bool done(net::TimePoint now) const { return now >= end(); }
  net::TimePoint deadline() const;

 private:
  std::optional<net::TimePoint> next_round() const;
  net::TimePoint end() const;

  SweepSettings settings_;
  bool everybody_;
  std::set<net::Ipv6Address> asked_;
  std::set<net::Ipv6Address> silent_;
  net::TimePoint start_;
  std::vector<net::TimePoint> sent_;
};

}  // namespace scanner
