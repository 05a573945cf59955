// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "net/time.h"
#include "tests/support/sim_events.h"

namespace support {

/// A use of a link by one stream.
class SimFlow {
 public:
  virtual ~SimFlow() = default;
  /// Bytes that could go now.
  virtual std::size_t waiting() const = 0;
  /// `count` of them have gone.
  virtual void served(std::size_t count) = 0;

 private:
  friend class SimLink;
  bool queued_ = false;
};

/// One direction of a host's link: carries bytes at its rate, fairly among the flows that have some, a quantum each in
/// turn. Small quanta are closer to a network's packets, large ones take fewer events.
class SimLink {
 public:
  static constexpr std::size_t kQuantum = 16 * 1024;

  /// A rate of 0 is without limit.
  SimLink(SimEvents& events, double bytes_per_second, std::size_t quantum = kQuantum)
      : events_(events), rate_(bytes_per_second), quantum_(quantum) {}

  /// The flow may have something waiting.
  void offer(const std::shared_ptr<SimFlow>& flow);
  void set_rate(double bytes_per_second) { rate_ = bytes_per_second; }
  /// A link that is not up carries nothing; what waits goes on waiting.
  void set_up(bool up);
  bool up() const { return up_; }
  std::uint64_t carried() const { return carried_; }

 private:
  void serve();
  net::Duration time_for(std::size_t count) const;

  SimEvents& events_;
  double rate_;
  std::size_t quantum_;
  bool up_ = true;
  bool busy_ = false;
  std::deque<std::shared_ptr<SimFlow>> turns_;
  std::uint64_t carried_ = 0;
};

}  // namespace support
