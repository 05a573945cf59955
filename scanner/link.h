// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "net/bytes.h"
#include "net/select_loop.h"

namespace scanner {

/// The system does not let us open a raw socket.
class PermissionDenied : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Called with each frame that came in: the pass's clock reading and the Ethernet frame, valid during the call.
using FrameHandler = std::function<void(net::TimePoint, net::ByteView)>;

/// Raw Ethernet frames on one interface, through libpcap, for the select loop. Frames are delivered as they arrive;
/// those that we send ourselves are not delivered.
class Link : public net::Pollable {
 public:
  /// Opens the interface and starts capturing what `filter` (pcap-filter(7)) lets through; the filter can then no
  /// longer be changed. Of each frame the first `snap_length` bytes are kept: in immediate mode every slot of the ring
  /// is that large, so it decides how many there are. `all_multicast` lets frames to groups in that we are not in.
  /// Throws PermissionDenied, or std::system_error naming the interface.
  Link(const std::string& interface, const std::string& filter, int snap_length = kArpSnapLength,
       bool all_multicast = false);
  static constexpr int kArpSnapLength = 128;
  ~Link() override;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void set_handler(FrameHandler handler) { handler_ = std::move(handler); }

  struct Sent {
    std::size_t frames = 0;  ///< The first so many went.
    int error = 0;           ///< errno of the next one; 0 when all went.
    /// No room at the moment: try again a little later.
    bool blocked() const;
  };
  /// Sends frames in order. More than kMaxBatch are not looked at.
  Sent send(std::span<const net::ByteView> frames);
  static constexpr std::size_t kMaxBatch = 64;

  /// Received frames that the kernel had no room for, since the start.
  std::uint64_t dropped() const;
  /// The interface does not exist any more, and nothing will be heard. One that is only down may come up again.
  bool gone() const { return gone_; }
  /// Looks whether it is gone. The kernel tells of that no more where the interface had been down before.
  void look();

  int fd() const override;
  bool wants_read() const override { return true; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint) override {}

 private:
  struct Handle;
  unsigned index_;
  std::unique_ptr<Handle> handle_;
  FrameHandler handler_;
  bool gone_ = false;
};

}  // namespace scanner
