// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "net/fd.h"
#include "net/files.h"
#include "net/select_loop.h"
#include "peer/files/place.h"

namespace peer::files {

/// Tells what changes in folders (inotify). Register it with the select loop where available().
class FolderWatch final : public net::Pollable {
 public:
  FolderWatch();

  /// False where the system gives no more inotify instances.
  bool available() const { return static_cast<bool>(fd_); }
  /// Watches `folder`, which is at `place`; not what is beneath its folders. A folder that moved has its new place from
  /// then on. False when it cannot be watched (the system's limit). Thread-safe, so that a worker can watch a folder
  /// before it lists it, and nothing falls between.
  bool add(const net::Folder& folder, const Place& place);
  /// Thread-safe.
  void remove(const Place& place);

  /// Called on the loop's thread: something happened to this place (made, written, moved, removed, chmod).
  std::function<void(net::TimePoint now, const Place& place)> changed;
  /// Called when events were lost: anything may have changed.
  std::function<void()> lost;

  int fd() const override { return fd_.get(); }
  bool wants_read() const override { return true; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint) override {}

 private:
  void dispatch(net::TimePoint now, int watch, std::uint32_t mask, const std::string& name);

  net::Fd fd_;
  std::mutex mutex_;
  std::map<int, Place> places_;
  std::map<Place, int> watches_;
};

}  // namespace peer::files
