// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/log.h"
#include "net/select_loop.h"
#include "scanner/cli.h"
#include "scanner/lane_group.h"
#include "scanner/name_finder.h"
#include "scanner/peer_file_writer.h"
#include "scanner/peer_prober.h"
#include "scanner/progress_line.h"
#include "scanner/report.h"

namespace scanner {

/// One sweep of every planned interface, or one time of listening, from the first frame to the written peer list.
class LiveScan {
 public:
  LiveScan(const Options& options, const net::Log& log, std::vector<std::unique_ptr<Lane>> lanes);

  /// Returns the exit status.
  int run();

 private:
  void seen(net::TimePoint now, const HostTable::Seen& seen);
  void answered(const HostTable::Key& key, const std::function<void(Host&)>& note);
  /// Returns the signal that ended it early, if one did.
  std::optional<int> gather();
  bool done(net::TimePoint now) const;
  bool enough() const { return options_.count && table_.others() >= *options_.count; }
  net::TimePoint wait(net::TimePoint now);
  void show_progress(net::TimePoint now);
  void finish(bool whole);
  void summarize(net::Duration took, bool cut_short) const;
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
  LaneGroup lanes_;
  std::optional<PeerProber> prober_;
  std::optional<NameFinder> names_;
};

}  // namespace scanner
