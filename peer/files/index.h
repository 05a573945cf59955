// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/files.h"
#include "peer/files/merkle.h"

namespace peer::files {

/// A cache of hashes across restarts, in SQLite: (device, inode, size, mtime) of a file -> its root and chunk layer. It
/// is never needed: whatever is wrong with it (absent, corrupt, foreign, locked for long, disk full) costs only hashing
/// again. A database that is not ours or is damaged is renamed to "<name>.broken" and a new one begun. Several
/// processes may have it open. Thread-safe; calls may block for a moment: make them on a worker.
class Index {
 public:
  /// `warn` is told, in a sentence, when the database was set aside or cannot be used; it may be called from any thread
  /// that calls the index.
  Index(const net::Folder& folder, const std::string& name, std::function<void(const std::string&)> warn);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// What was stored for a file with this device, inode, size and mtime, if it was and its layer still gives its root.
  std::optional<HashedContent> find(const net::FileStatus& file);
  /// Remembers it; written in batches, at the latest by flush(). REQUIRES: file.size == content.id.length.
  void put(const net::FileStatus& file, HashedContent content);
  /// Writes what put() and find() noted, in one transaction.
  void flush();
  /// Removes what was neither found nor put since `before_s` (seconds since the epoch).
  void prune(std::int64_t before_s);
  /// Entries on disk.
  std::size_t size();

 private:
  struct Open;
  struct Pending {
    net::FileStatus file;
    std::optional<HashedContent> content;  ///< None: only seen.
  };
  void open();
  void set_aside(const std::string& reason);
  void write_pending();
  template <class Action>
  void attempt(Action action);

  std::mutex mutex_;
  std::string path_;
  std::function<void(const std::string&)> warn_;
  std::unique_ptr<Open> open_;  ///< Null where it cannot be used.
  std::vector<Pending> pending_;
};

}  // namespace peer::files
