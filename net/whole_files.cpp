// SPDX-License-Identifier: MIT
// Reading and writing files as a whole, on top of the confined access in files.cpp.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <system_error>

#include "net/digest.h"
#include "net/files.h"

namespace net {
namespace {

bool fits_offset(std::uint64_t offset, std::size_t size) {
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  return offset <= kLast && size <= kLast - offset;
}

constexpr std::size_t kRandomBytes = 8;
/// Nobody takes so long to write what is written as a whole.
constexpr std::chrono::minutes kAbandonedAfter(1);

std::string temporary_prefix(std::string_view name) { return '.' + std::string(name.substr(0, 200)) + ".tmp-"; }

/// A name that nobody can guess and block, no longer than a file system takes.
std::string temporary_name(std::string_view name) {
  std::array<std::byte, kRandomBytes> random;
  random_bytes(random);
  return temporary_prefix(name) + std::to_string(::getpid()) + '-' + to_hex(random);
}

/// Who made the file, where its name is exactly one that temporary_name(name) may give.
std::optional<pid_t> writer_of(std::string_view file, std::string_view name) {
  const std::string prefix = temporary_prefix(name);
  if (!file.starts_with(prefix)) return std::nullopt;
  file.remove_prefix(prefix.size());
  pid_t writer = 0;
  const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), writer);
  const auto digits = static_cast<std::size_t>(end - file.data());
  if (error != std::errc() || writer <= 0 || file.substr(0, digits) != std::to_string(writer)) return std::nullopt;
  file.remove_prefix(digits);
  std::array<std::byte, kRandomBytes> random;
  if (!file.starts_with('-') || !from_hex(file.substr(1), random) || file.substr(1) != to_hex(random)) {
    return std::nullopt;
  }
  return writer;
}

/// Content and permissions of a new file, all of it on the disk.
Result<void, SystemError> fill(int fd, std::string_view content, std::uint32_t mode) {
  if (auto written = write_exactly(fd, 0, as_bytes(content)); !written) return written;
  if (::fchmod(fd, mode) != 0) return failed(errno);
  if (::fsync(fd) != 0) return failed(errno);
  return {};
}

}  // namespace

Result<void, SystemError> Folder::write_atomically(const std::string& path, std::string_view content,
                                                   std::uint32_t mode) const {
  std::size_t name_at = path.rfind('/') + 1;  // 0 where there is no '/', as npos + 1 is.
  std::string temporary = path.substr(0, name_at) + temporary_name(std::string_view(path).substr(name_at));
  auto fd = create(temporary);
  if (!fd) return failed(fd.error().code);
  auto done = fill(fd->get(), content, mode);
  if (done) done = rename(temporary, path, true);
  if (!done) {
    // The first failure is the one to tell; a leftover does no harm.
    static_cast<void>(remove(temporary).ok());
    return done;
  }
  return sync_parent(path);
}

void Folder::remove_abandoned(const std::string& name) const {
  const auto entries = list();
  if (!entries) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const Entry& entry : *entries) {
    const std::optional<pid_t> writer = writer_of(entry.name, name);
    if (!writer || entry.kind != FileKind::kRegular) continue;
    if (::kill(*writer, 0) == 0 || errno != ESRCH) continue;
    const auto file = status(entry.name);
    if (!file || now - std::chrono::nanoseconds(file->mtime_ns) < kAbandonedAfter) continue;
    static_cast<void>(remove(entry.name).ok());
  }
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
