// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/files.h"
#include "net/result.h"
#include "peer/files/content_id.h"
#include "peer/files/partial.h"

namespace peer::files {

/// The folder that a file is to stand in, kept open from one file to the next: those of a batch are mostly neighbours.
class TargetFolders {
 public:
  /// `downloads` is what the folder "" stands for; it must outlive the object.
  explicit TargetFolders(const net::Folder& downloads) : downloads_(downloads) {}

  struct Target {
    const net::Folder* folder;  ///< Good until the next call.
    std::string prefix;         ///< Of the path, with its last '/'; empty where the file stands in the top folder.
    std::string name;           ///< The rest of the path.
  };
  /// `path` beneath `folder` (absolute, or "" for downloads). With `make`, folders that are missing are made.
  net::Result<Target, net::SystemError> find(const std::string& folder, const std::string& path, bool make);
  /// The top folder as find() opened it last.
  const net::Folder& top() const { return top_ ? *top_ : downloads_; }

 private:
  net::Result<void, net::SystemError> enter(const std::string& prefix, bool make);

  const net::Folder& downloads_;
  std::string top_name_;
  std::optional<net::Folder> top_;
  std::string prefix_;
  std::optional<net::Folder> inner_;
};

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

  /// Writes a file with its time and mode (see Partial::FinishOptions) under a number that nobody else uses. What was
  /// written of it is removed after an error.
  net::Result<net::FileStatus, net::SystemError> write(std::uint64_t number, net::ByteView bytes, std::int64_t mtime_s,
                                                       std::uint32_t mode);
  void remove(std::uint64_t number);

  /// A file that was written, and where it goes.
  struct Placing {
    std::uint64_t number = 0;
    ContentId id;
    std::string folder;      ///< Absolute; "" for `downloads`.
    std::string path;        ///< Clean path beneath it.
    net::FileStatus status;  ///< As write() gave it.
  };
  using Placed = net::Result<Partial::Finished, net::SystemError>;
  /// Makes them durable and gives them their names, as Partial::finish does; one answer each, in order. A failed sync
  /// fails all of them. Their numbers are free afterwards, whatever came of it.
  std::vector<Placed> place(const std::vector<Placing>& batch, const net::Folder& downloads);

  /// Removes what earlier processes left in `partial` when they were killed.
  static void remove_stale(const net::Folder& partial);

 private:
  net::Result<const net::Folder*, net::SystemError> own_folder();
  net::Result<void, net::SystemError> sync_written(const std::vector<Placing>& batch);
  Placed give_name(const Placing& file, TargetFolders& folders);
  Placed copy(const Placing& file, TargetFolders& folders);

  const net::Folder& partial_;
  std::mutex mutex_;
  std::string name_;
  std::optional<net::Folder> folder_;
};

}  // namespace peer::files
