// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/files.h"
#include "net/result.h"
#include "peer/files/content_id.h"
#include "peer/files/finish.h"

namespace peer::files {

/// Files of one chunk on the way to their names, many at a time: without a partial file, a record or a sync of their
/// own. Each is written whole under a number in a folder that only this process uses (`small-<hex>` beside the partial
/// downloads, locked); a batch of them is made durable before the first gets its name. So neither a kill nor a power
/// cut leaves anything but whole files under the names that were asked for.
///
/// Every call may block: make them on a worker. They may run on several threads at once for different files.
class SmallFiles {
 public:
  /// Nothing is made before the first file is written. `partial` must outlive the object.
  explicit SmallFiles(const net::Folder& partial) : partial_(partial) {}
  /// Removes the folder with what is left in it.
  ~SmallFiles();
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

  /// Writes a file with its time and mode (see Attributes) under a number that nobody else uses. What was
  /// written of it is removed after an error.
  net::Result<net::FileStatus, net::SystemError> write(std::uint64_t number, net::ByteView bytes, std::int64_t mtime_s,
                                                       std::uint32_t mode);
  void remove(std::uint64_t number);

  /// A file that was written, and where it goes.
  struct Placing {
    std::uint64_t number = 0;
    ContentId id;
    Destination to;
    net::FileStatus status;  ///< As write() gave it.
  };
  /// Makes them durable and gives them their names, as finish_together() does; one answer each, in order. A failed sync
  /// fails all of them. Their numbers are free afterwards, whatever came of it.
  std::vector<Placed> place(const std::vector<Placing>& batch, const net::Folder& downloads);

  /// Removes what earlier processes left in `partial` when they were killed.
  static void remove_stale(const net::Folder& partial);

 private:
  net::Result<const net::Folder*, net::SystemError> own_folder();
  net::Result<void, net::SystemError> sync_written(const std::vector<Placing>& batch);
  Placed give_name(const Placing& file, TargetFolders& folders);
  Placed copy(const Placing& file, const net::Folder& own, const TargetFolders::Target& target);

  const net::Folder& partial_;
  std::mutex mutex_;
  std::string name_;
  std::optional<net::Folder> folder_;
};

}  // namespace peer::files
