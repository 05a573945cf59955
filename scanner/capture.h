// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/bytes.h"

namespace scanner {

/// Reads a capture file of Ethernet frames, pcap or pcapng. Throws std::runtime_error, naming the file, where it cannot
/// be read, is damaged, or holds other than Ethernet frames.
class CaptureReader {
 public:
  explicit CaptureReader(const std::string& path);
  ~CaptureReader();

  using WallTime = std::chrono::system_clock::time_point;
  /// Calls `handle` with each frame and when it was captured, in the file's order.
  void read(const std::function<void(WallTime, net::ByteView)>& handle);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  std::string path_;
};

/// Writes frames to a pcap file, with the time of writing. Throws std::runtime_error, naming the file.
class CaptureWriter {
 public:
  explicit CaptureWriter(const std::string& path);
  ~CaptureWriter();

  void write(net::ByteView frame);
  /// Hands everything to the kernel; throws when that fails. Without it a failed write goes unnoticed.
  void flush();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  std::string path_;
};

}  // namespace scanner
