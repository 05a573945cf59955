// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "net/time.h"

namespace support {

/// The virtual clock of a simulation, what is to happen when, and the one source of chance. Everything follows from the
/// seed. Events due at the same time happen in an order drawn from it.
class SimEvents {
 public:
  explicit SimEvents(std::uint64_t seed) : random_(seed) {}

  net::TimePoint now() const { return now_; }
  /// Since the simulation began.
  net::Duration elapsed() const { return now_ - kStart; }

  using Event = std::function<void()>;
  /// Not before now.
  void at(net::TimePoint when, Event event);
  void after(net::Duration delay, Event event) { at(now_ + delay, std::move(event)); }

  /// Sets the clock to the next event and carries it out. False where none is due up to `limit`: the clock then stands
  /// at the limit.
  bool run_next(net::TimePoint limit);
  std::uint64_t executed() const { return executed_; }

  std::uint64_t random() { return random_(); }
  /// 0..bound-1; 0 for bound 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool chance(double probability) { return static_cast<double>(random_() >> 11) * 0x1p-53 < probability; }
  net::Duration between(net::Duration low, net::Duration high);

 private:
  static constexpr net::TimePoint kStart{std::chrono::hours(1)};
  /// What the heap moves about; the event itself stays in its place.
  struct Planned {
    net::TimePoint at;
    std::uint64_t tie;
    std::size_t place;  ///< In events_.
  };
  static bool later(const Planned& a, const Planned& b);

  net::TimePoint now_ = kStart;
  std::mt19937_64 random_;
  std::vector<Planned> heap_;
  std::vector<Event> events_;
  std::vector<std::size_t> free_;  ///< Places of events_.
  std::uint64_t executed_ = 0;
};

}  // namespace support
