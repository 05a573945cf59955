// SPDX-License-Identifier: MIT
// Reading and writing files as a whole, on top of the confined access in files.cpp.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "net/digest.h"
#include "net/files.h"

namespace net {
namespace {

bool fits_offset(std::uint64_t offset, std::size_t size) {
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  return offset <= kLast && size <= kLast - offset;
}

/// A name that nobody can guess and block, no longer than a file system takes.
std::string temporary_name(std::string_view name) {
  std::array<std::byte, 8> random;
  random_bytes(random);
  return '.' + std::string(name.substr(0, 200)) + ".tmp-" + std::to_string(::getpid()) + '-' + to_hex(random);
}

/// Content, permissions and owner of a new file, all of it on the disk. The owner comes last: after it the file may no
/// longer be ours to change.
Result<void, SystemError> fill(int fd, std::string_view content, std::uint32_t mode,
                               const std::optional<Folder::Owner>& owner) {
  if (auto written = write_exactly(fd, 0, as_bytes(content)); !written) return written;
  if (::fchmod(fd, mode) != 0) return failed(errno);
  if (owner && ::fchown(fd, owner->user, owner->group) != 0) return failed(errno);
  if (::fsync(fd) != 0) return failed(errno);
  return {};
}

}  // namespace

Result<void, SystemError> Folder::write_atomically(const std::string& path, std::string_view content,
                                                   std::uint32_t mode, std::optional<Owner> owner) const {
  std::size_t name_at = path.rfind('/') + 1;  // 0 where there is no '/', as npos + 1 is.
  std::string temporary = path.substr(0, name_at) + temporary_name(std::string_view(path).substr(name_at));
  auto fd = create(temporary);
  if (!fd) return failed(fd.error().code);
  auto done = fill(fd->get(), content, mode, owner);
  if (done) done = rename(temporary, path, true);
  if (!done) {
    // The first failure is the one to tell; a leftover does no harm.
    static_cast<void>(remove(temporary).ok());
    return done;
  }
  return sync_parent(path);
}

Result<std::string, SystemError> Folder::read_all(const std::string& path, std::size_t limit) const {
  auto fd = open_read(path);
  if (!fd) return failed(fd.error().code);
  auto status = status_of(fd->get());
  if (!status) return failed(status.error().code);
  if (status->kind == FileKind::kFolder) return failed(EISDIR);
  if (status->kind != FileKind::kRegular) return failed(EINVAL);
  if (status->size > limit) return failed(EFBIG);
  std::string content;
  // The size is only a hint: the file may grow while it is read, and files of /proc claim to be empty.
  std::array<char, 64 << 10> buffer;
  while (true) {
    ssize_t count = ::read(fd->get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) return content;
    if (static_cast<std::size_t>(count) > limit - content.size()) return failed(EFBIG);
    content.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<void, SystemError> read_exactly(int fd, std::uint64_t offset, std::span<std::byte> into) {
  if (!fits_offset(offset, into.size())) return failed(EOVERFLOW);
  while (!into.empty()) {
    ssize_t count = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) return failed(ENODATA);
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<void, SystemError> write_exactly(int fd, std::uint64_t offset, ByteView bytes) {
  if (!fits_offset(offset, bytes.size())) return failed(EOVERFLOW);
  while (!bytes.empty()) {
    ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) return failed(EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

}  // namespace net
