// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/files.h"
#include "net/log.h"

namespace peer {

/// client.log or server.log of a home (p2ppeer(1), FILES): lines are added at the end, by several processes at a time
/// if need be. A file that would grow beyond the bound is renamed to NAME.1 first, and takes the place of what was
/// there.
class TransferLog {
 public:
  static constexpr std::uint64_t kMaxSize = std::uint64_t{4} << 20;

  /// `state`, `log`: must outlive it. Nothing is opened before there is something to write.
  TransferLog(const net::Folder& state, std::string name, const net::Log& log, std::uint64_t max_size = kMaxSize)
      : state_(state), name_(std::move(name)), log_(log), max_size_(max_size) {}

  /// Adds the lines, which have no end yet. A log that cannot be written is told of once, and stops nothing.
  void append(const std::vector<std::string>& lines);

 private:
  net::Result<void, net::SystemError> write(std::string_view text);

  const net::Folder& state_;
  std::string name_;
  const net::Log& log_;
  std::uint64_t max_size_;
  bool failed_ = false;
};

/// The texts of both logs of the folder and of those before them, the older of each first; one that is not there is
/// left out. Only reads. Throws std::system_error naming a file that cannot be read.
std::vector<std::string> read_transfer_logs(const net::Folder& state);

}  // namespace peer
