// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/time.h"
#include "peer/introducer/directory.h"
#include "peer/introducer/protocol.h"

namespace peer::introducer {

/// The directory on disk, in SQLite, so that a restart forgets nobody. What is written has reached the kernel, so it
/// survives the program's death; a power cut may cost it, and peers then join again. A database that is not ours or is
/// damaged is set aside as "<path>.broken" and a new one begun (threat T32); whatever else is wrong costs only that
/// entries are not kept. Contacts are kept in wall-clock time, the only one that survives a restart, and turned into
/// ages when they are read: while the program runs that clock means nothing (T50).
class Registry {
 public:
  using Warn = std::function<void(const std::string&)>;
  /// Microseconds since the epoch.
  using WallClock = std::function<std::int64_t()>;

  /// `warn` is told, in a sentence, when the database was set aside or cannot be used.
  Registry(std::string path, Warn warn, WallClock clock = system_wall_clock());
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  static WallClock system_wall_clock();

  struct Kept {
    Peer peer;
    net::Duration age;  ///< Since its last contact; 0 where that lies in the future.
  };
  /// Those younger than `ttl`, the `max_peers` that came last, the oldest first. All others are removed.
  std::vector<Kept> load(net::Duration ttl, std::size_t max_peers);
  /// In one transaction; entries that came are stamped with the time now. Cheap when there are none.
  void write(std::span<const Directory::Change> changes);

 private:
  struct Open;
  void open();
  void set_aside(const std::string& reason);
  template <class Action>
  void attempt(Action action);

  std::string path_;
  Warn warn_;
  WallClock clock_;
  std::unique_ptr<Open> open_;  ///< Null where it cannot be used.
  bool write_failed_ = false;   ///< That was said already.
};

}  // namespace peer::introducer
