// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/log.h"
#include "net/select_loop.h"
#include "scanner/cli.h"
#include "scanner/lane.h"
#include "scanner/peer_file_writer.h"
#include "scanner/progress_line.h"
#include "scanner/report.h"

namespace scanner {

/// One sweep of every planned interface, from the first request to the written peer list.
class LiveScan {
 public:
  /// `links` belong to `plan.interfaces`, one each.
  LiveScan(const Options& options, const net::Log& log, Plan plan, std::vector<std::unique_ptr<Link>> links);

  /// Returns the exit status.
  int run();

 private:
  void start(net::TimePoint now);
  /// Returns the signal that ended the sweep early, if one did.
  std::optional<int> sweep();
  bool done(net::TimePoint now) const;
  std::optional<net::TimePoint> deadline(net::TimePoint now) const;
  void show_progress(net::TimePoint now);
  void finish(bool whole);
  void summarize(net::Duration took, bool whole) const;
  void tell_details() const;

  const Options& options_;
  const net::Log& log_;
  PeerFileWriter file_;
  std::unique_ptr<CaptureWriter> capture_;
  HostTable table_;
  VendorLoader vendors_;
  Report report_;
  ProgressLine progress_;
  net::SelectLoop loop_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace scanner
