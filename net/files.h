// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/bytes.h"
#include "net/fd.h"
#include "net/result.h"
#include "net/system_error.h"

namespace net {

enum class FileKind { kRegular, kFolder, kSymlink, kOther };

/// What stat says of a file, as far as we use it.
struct FileStatus {
  FileKind kind = FileKind::kOther;
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t mtime_ns = 0;  ///< Since the epoch.
  std::uint32_t mode = 0;     ///< Permission bits.
  std::uint32_t owner = 0;
  bool operator==(const FileStatus&) const = default;
};

Result<FileStatus, SystemError> status_of(int fd);

/// An open folder, through which all access to what is beneath it goes: openat2 with RESOLVE_BENEATH and
/// RESOLVE_NO_SYMLINKS, so neither "..", nor a symlink swapped in while we work, leads outside. Paths are relative and
/// their last component is a name: EXDEV for an absolute path or one that leads outside, ELOOP for a symlink on the
/// way, EINVAL for no name at the end or NUL.
class Folder {
 public:
  /// Opens `path` (symlinks in it are the user's own and are followed); creates it, with parents, where `create`.
  /// Throws std::system_error naming the path.
  static Folder open(const std::string& path, bool create = false);
  /// The same, where a folder that cannot be opened is nothing out of the ordinary.
  static Result<Folder, SystemError> try_open(const std::string& path, bool create = false);

  Result<Folder, SystemError> subfolder(const std::string& path) const;
  /// Makes the folder and its parents beneath this one; fine when they exist.
  Result<void, SystemError> make_folders(const std::string& path) const;
  /// Read-only; never blocks on a FIFO (O_NONBLOCK), never follows a symlink. It may be a FIFO or a device all the
  /// same: ask status_of() before reading.
  Result<Fd, SystemError> open_read(const std::string& path) const;
  /// A new file, read-write, mode 0600; EEXIST when the name is taken.
  Result<Fd, SystemError> create(const std::string& path) const;
  /// An existing file for reading and writing.
  Result<Fd, SystemError> open_write(const std::string& path) const;
  /// Does not follow a symlink at the end.
  Result<FileStatus, SystemError> status(const std::string& path) const;
  struct Entry {
    std::string name;
    FileKind kind;
  };
  /// Names in the folder, without "." and "..", sorted.
  Result<std::vector<Entry>, SystemError> list() const;
  Result<void, SystemError> remove(const std::string& path) const;
  Result<void, SystemError> remove_folder(const std::string& path) const;
  /// Moves within this folder; with `replace` false, EEXIST rather than overwriting (renameat2 RENAME_NOREPLACE).
  Result<void, SystemError> rename(const std::string& from, const std::string& to, bool replace) const;
  /// Moves `from` beneath this folder to `to` beneath `target`; never overwrites.
  Result<void, SystemError> rename_into(const std::string& from, const Folder& target, const std::string& to) const;
  /// fsync of the folder that holds `path`.
  Result<void, SystemError> sync_parent(const std::string& path) const;
  /// Writes the whole file atomically: temporary file beside it (".NAME.tmp-PID-RANDOM"; only a crash leaves one
  /// behind), fsync, rename, folder fsync. It has exactly the permission bits `mode`.
  Result<void, SystemError> write_atomically(const std::string& path, std::string_view content,
                                             std::uint32_t mode) const;
  /// Removes what write_atomically of a file of this name in this folder left behind when it was killed: temporary
  /// files older than a minute whose writer is gone. What cannot be removed stays.
  void remove_abandoned(const std::string& name) const;
  /// The whole file, at most `limit` bytes: EFBIG when it is longer. EISDIR for a folder, EINVAL for what is no regular
  /// file.
  Result<std::string, SystemError> read_all(const std::string& path, std::size_t limit) const;
  /// Bytes free to an unprivileged user in the file system; 0 where it does not say.
  std::uint64_t free_space() const;

  int fd() const { return fd_.get(); }

 private:
  explicit Folder(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// Whole reads and writes at an offset; short ones are repeated. EIO-like failures are returned, a file that ends early
/// is ENODATA.
Result<void, SystemError> read_exactly(int fd, std::uint64_t offset, std::span<std::byte> into);
Result<void, SystemError> write_exactly(int fd, std::uint64_t offset, ByteView bytes);

}  // namespace net
