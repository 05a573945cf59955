// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "net/bytes.h"
#include "net/time.h"
#include "tests/support/sim_bytes.h"
#include "tests/support/sim_events.h"
#include "tests/support/sim_link.h"

namespace support {

/// One direction of a TCP connection. Bytes go from a bounded send buffer over the sender's uplink, the way between,
/// and the receiver's downlink into a bounded receive window: a receiver that does not read stops the sender.
///
///     written_ >= departed_ >= reached_ >= arrived_ >= read_        (bytes since the beginning)
///        send buffer | on the way | downlink queue | readable
class SimStream : public std::enable_shared_from_this<SimStream> {
 public:
  static constexpr std::size_t kSendBuffer = 64 * 1024;
  static constexpr std::size_t kWindow = 256 * 1024;  ///< Departed and not read yet.

  SimStream(SimEvents& events, SimLink& up, SimLink& down, net::Duration latency)
      : events_(events), up_(up), down_(down), latency_(latency) {}

  /// Told when there is room again, and when there is something to read or the end has come.
  std::function<void()> on_writable, on_readable;

  // --- the sender ---
  /// Bytes that write() takes now.
  std::size_t room() const;
  /// REQUIRES: bytes.size() <= room().
  void write(net::ByteView bytes);
  /// Bytes [offset, offset + count) of `of`, which are not copied. REQUIRES: count <= room().
  void write(std::shared_ptr<const net::Bytes> of, std::size_t offset, std::size_t count);
  /// Nothing will be written any more; what was written still arrives.
  void finish();

  // --- the receiver ---
  std::size_t readable() const { return static_cast<std::size_t>(arrived_ - read_); }
  /// REQUIRES: into.size() <= readable().
  void read(std::span<std::byte> into);
  /// Everything was read and the sender has finished.
  bool at_end() const { return end_arrived_ && read_ == written_; }
  /// Nobody will read any more: what comes is thrown away.
  void stop_reading();

  // --- both ---
  /// The connection is gone: no byte moves any more.
  void cut();

 private:
  struct Up;
  struct Down;
  void start();
  void wrote(std::size_t count);
  void departed(std::size_t count);
  void send_end();
  void arrived(std::size_t count);
  void throw_away();
  void consumed(std::size_t count);
  net::Duration delay();

  SimEvents& events_;
  SimLink& up_;
  SimLink& down_;
  net::Duration latency_;
  std::shared_ptr<SimFlow> up_flow_, down_flow_;
  SimBytes bytes_;  ///< From read_ to written_.
  std::uint64_t written_ = 0, departed_ = 0, reached_ = 0, arrived_ = 0, read_ = 0;
  bool finished_ = false, end_sent_ = false, end_arrived_ = false;
  bool unread_ = false, cut_ = false;
};

}  // namespace support
