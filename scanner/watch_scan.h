// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "net/log.h"
#include "net/select_loop.h"
#include "scanner/cli.h"
#include "scanner/lane_group.h"
#include "scanner/peer_file_writer.h"
#include "scanner/presence.h"
#include "scanner/report.h"

namespace scanner {

/// Sweeps again and again, listens in between, and prints who comes, goes and changes, until a signal ends it or
/// nobody can read what it prints. The peer list follows.
class WatchScan {
 public:
  /// REQUIRES: options.watch_interval.
  WatchScan(const Options& options, const net::Log& log, std::vector<std::unique_ptr<Lane>> lanes);

  /// Returns the exit status.
  int run();

 private:
  void seen(const HostTable::Seen& seen);
  void end_sweep();
  void tell(const Presence::Event& event);
  void print(const Presence::Event& event, const Host& host);
  void write_list();

  const Options& options_;
  const net::Log& log_;
  PeerFileWriter file_;
  std::unique_ptr<CaptureWriter> capture_;
  HostTable table_;
  VendorLoader vendors_;
  Presence presence_;
  net::SelectLoop loop_;
  LaneGroup lanes_;
  bool changed_ = false;
};

}  // namespace scanner
