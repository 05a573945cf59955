// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "net/select_loop.h"
#include "scanner/cli.h"
#include "scanner/lane.h"

namespace scanner {

/// All lanes of a run, each on an interface of its own, in one select loop.
class LaneGroup {
 public:
  /// The loop, the table and the writer (which may be null) outlive it.
  LaneGroup(std::vector<std::unique_ptr<Lane>> lanes, HostTable& table, CaptureWriter* writer, net::SelectLoop& loop);
  ~LaneGroup();
  LaneGroup(const LaneGroup&) = delete;
  LaneGroup& operator=(const LaneGroup&) = delete;

  void on_seen(const SeenHandler& handler);
  void start(net::TimePoint now, const Options& options);
  /// Hears, and never asks.
  void listen(net::TimePoint now);
  void pump(net::TimePoint now);
  bool done(net::TimePoint now) const;
  /// Nothing when every lane is done.
  std::optional<net::TimePoint> deadline(net::TimePoint now) const;
  /// Why lanes stopped early; empty when none did.
  std::vector<std::string> failures() const;

  /// All that was to be asked.
  AddressSet targets() const;
  /// Of the lanes that are not done, taken together.
  Sweep::Progress progress(net::TimePoint now) const;
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }

 private:
  net::SelectLoop& loop_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace scanner
