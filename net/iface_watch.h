// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "net/fd.h"
#include "net/select_loop.h"

namespace net {

/// Tells that an interface or address of the host came, went or changed (rtnetlink(7)). It says no more than that, and
/// may say it without need: look with list_interfaces(). Register it with the select loop where available().
class InterfaceWatch final : public Pollable {
 public:
  /// `changed` is called from the loop, once for all notices that wait.
  explicit InterfaceWatch(std::function<void(TimePoint)> changed);

  /// False where the system gives no such socket.
  bool available() const { return static_cast<bool>(fd_); }

  int fd() const override { return fd_.get(); }
  bool wants_read() const override { return true; }
  bool wants_write() const override { return false; }
  void on_readable(TimePoint now) override;
  void on_writable(TimePoint) override {}

 private:
  Fd fd_;
  std::function<void(TimePoint)> changed_;
};

}  // namespace net
