// SPDX-License-Identifier: MIT
#include "peer/files/small_files.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "net/digest.h"
#include "peer/files/attributes.h"

namespace peer::files {
namespace {

using net::Failure;
using net::SystemError;

constexpr std::string_view kHiddenPrefix = "small-";

std::string random_name() {
  std::array<std::byte, 8> bytes;
  net::random_bytes(bytes);
  return std::string(kHiddenPrefix) + net::to_hex(bytes);
}

bool lock(const net::Folder& folder) {
  // Without locks nobody else removes it either.
  return ::flock(folder.fd(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

void empty(const net::Folder& folder) {
  const auto entries = folder.list();
  if (!entries) return;
  for (const auto& entry : *entries) static_cast<void>(folder.remove(entry.name).ok());
}

}  // namespace

// --- writing ---

SmallFiles::~SmallFiles() {
  if (!folder_) return;
  empty(*folder_);
  static_cast<void>(partial_.remove_folder(name_).ok());
}

net::Result<const net::Folder*, SystemError> SmallFiles::own_folder() {
  const std::lock_guard guard(mutex_);
  for (int attempt = 0; !folder_ && attempt < 16; ++attempt) {
    name_ = random_name();
    if (auto made = partial_.make_folders(name_); !made) return Failure{made.error()};
    auto folder = partial_.subfolder(name_);
    // Whoever cleans up may have taken it for a stale one before it was locked.
    if (!folder || !lock(*folder) || !partial_.status(name_)) continue;
    folder_ = std::move(*folder);
  }
  if (!folder_) return net::failed(EAGAIN);
  return &*folder_;
}

net::Result<net::FileStatus, SystemError> SmallFiles::write(std::uint64_t number, net::ByteView bytes,
                                                            std::int64_t mtime_s, std::uint32_t mode) {
  const auto folder = own_folder();
  if (!folder) return Failure{folder.error()};
  const std::string name = std::to_string(number);
  const auto fd = (*folder)->create(name);
  if (!fd) return Failure{fd.error()};
  const auto written = net::write_exactly(fd->get(), 0, bytes);
  set_mtime(fd->get(), mtime_s);
  set_mode(fd->get(), mode);
  auto status = net::status_of(fd->get());
  if (written && status) return status;
  static_cast<void>((*folder)->remove(name).ok());
  return Failure{written ? status.error() : written.error()};
}

void SmallFiles::remove(std::uint64_t number) {
  if (const auto folder = own_folder()) static_cast<void>((*folder)->remove(std::to_string(number)).ok());
}

// --- giving names ---

net::Result<void, SystemError> SmallFiles::sync_written(const std::vector<Placing>& batch) {
  const auto folder = own_folder();
  if (!folder) return Failure{folder.error()};
  if (batch.size() > kFewFiles) return sync_file_system(**folder);
  for (const Placing& file : batch) {
    const auto fd = (*folder)->open_read(std::to_string(file.number));
    // A mode that forbids its owner to read.
    if (!fd && fd.error().code == EACCES) return sync_file_system(**folder);
    if (!fd) return Failure{fd.error()};
    if (::fsync(fd->get()) != 0) return net::failed(errno);
  }
  return {};
}

std::vector<Placed> SmallFiles::place(const std::vector<Placing>& batch, const net::Folder& downloads) {
  std::vector<Placed> results;
  if (auto synced = sync_written(batch); !synced) {
    for (const Placing& file : batch) {
      results.emplace_back(Failure{synced.error()});
      remove(file.number);
    }
    return results;
  }
  TargetFolders folders(downloads);
  std::vector<Destination> wanted;
  for (const Placing& file : batch) {
    results.push_back(give_name(file, folders));
    if (!results.back() || results.back()->already_here) remove(file.number);
    wanted.push_back(file.to);
  }
  sync_names(wanted, folders, results);
  return results;
}

Placed SmallFiles::give_name(const Placing& file, TargetFolders& folders) {
  const auto own = own_folder();
  if (!own) return Failure{own.error()};
  const auto target = folders.find(file.to.folder, file.to.path, true);
  if (!target) return Failure{target.error()};
  auto placed = take_free_name(**own, std::to_string(file.number), *target->folder, target->name, file.id);
  const bool elsewhere = !placed && placed.error().code == EXDEV;
  if (elsewhere) placed = copy(file, **own, *target);
  if (!placed) return placed;
  placed->status = file.status;
  if (elsewhere || placed->already_here) {
    const auto status = target->folder->status(placed->path);
    if (!status) return Failure{status.error()};
    placed->status = *status;
  }
  placed->path = target->prefix + placed->path;
  return placed;
}

/// For a target on another file system.
Placed SmallFiles::copy(const Placing& file, const net::Folder& own, const TargetFolders::Target& target) {
  const auto fd = own.open_read(std::to_string(file.number));
  if (!fd) return Failure{fd.error()};
  auto copied = copy_into(fd->get(), file.id, *target.folder, target.name,
                          {file.status.mtime_ns / 1'000'000'000, file.status.mode});
  if (copied) remove(file.number);
  return copied;
}

void SmallFiles::remove_stale(const net::Folder& partial) {
  const auto entries = partial.list();
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (entry.kind != net::FileKind::kFolder || !entry.name.starts_with(kHiddenPrefix)) continue;
    const auto folder = partial.subfolder(entry.name);
    if (!folder || ::flock(folder->fd(), LOCK_EX | LOCK_NB) != 0) continue;
    empty(*folder);
    static_cast<void>(partial.remove_folder(entry.name).ok());
  }
}

}  // namespace peer::files
