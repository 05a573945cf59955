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
#include "peer/files/finish.h"

namespace peer::files {
namespace {

using net::Failure;
using net::SystemError;

constexpr std::string_view kHiddenPrefix = "small-";
/// Up to so many files are synced one by one; from then on the whole file system costs less.
constexpr std::size_t kFew = 4;

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

// --- where files go ---

net::Result<TargetFolders::Target, SystemError> TargetFolders::find(const std::string& folder, const std::string& path,
                                                                    bool make) {
  if (folder != top_name_ || (!folder.empty() && !top_)) {
    inner_.reset();
    prefix_.clear();
    top_.reset();
    top_name_ = folder;
    if (!folder.empty()) {
      auto top = net::Folder::try_open(folder, make);
      if (!top) return Failure{top.error()};
      top_ = *std::move(top);
    }
  }
  const std::size_t slash = path.rfind('/');
  const std::string prefix = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  if (auto entered = enter(prefix, make); !entered) return Failure{entered.error()};
  return Target{inner_ ? &*inner_ : &top(), prefix, path.substr(prefix.size())};
}

net::Result<void, SystemError> TargetFolders::enter(const std::string& prefix, bool make) {
  if (prefix == prefix_ && (prefix.empty() || inner_)) return {};
  inner_.reset();
  prefix_ = prefix;
  if (prefix.empty()) return {};
  const std::string inner = prefix.substr(0, prefix.size() - 1);
  auto opened = top().subfolder(inner);
  if (!opened && opened.error().code == ENOENT && make) {
    if (auto made = top().make_folders(inner); !made) return made;
    opened = top().subfolder(inner);
  }
  if (!opened) return Failure{opened.error()};
  inner_ = std::move(*opened);
  return {};
}

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
  if (batch.size() > kFew) return sync_file_system(**folder);
  for (const Placing& file : batch) {
    const auto fd = (*folder)->open_read(std::to_string(file.number));
    // A mode that forbids its owner to read.
    if (!fd && fd.error().code == EACCES) return sync_file_system(**folder);
    if (!fd) return Failure{fd.error()};
    if (::fsync(fd->get()) != 0) return net::failed(errno);
  }
  return {};
}

std::vector<SmallFiles::Placed> SmallFiles::place(const std::vector<Placing>& batch, const net::Folder& downloads) {
  std::vector<Placed> results;
  if (auto synced = sync_written(batch); !synced) {
    for (const Placing& file : batch) {
      results.emplace_back(Failure{synced.error()});
      remove(file.number);
    }
    return results;
  }
  TargetFolders folders(downloads);
  std::map<std::uint64_t, net::Result<void, SystemError>> synced;  // By device.
  for (const Placing& file : batch) {
    results.push_back(give_name(file, folders));
    if (!results.back() || results.back()->already_here) remove(file.number);
    if (!results.back()) continue;
    if (batch.size() <= kFew) {
      if (auto named = sync_folders(folders.top(), results.back()->path); !named) {
        results.back() = Failure{named.error()};
      }
    }
  }
  // The names of many are made durable by one sync of each file system that got some.
  for (std::size_t i = 0; batch.size() > kFew && i < batch.size(); ++i) {
    if (!results[i]) continue;
    const std::uint64_t device = results[i]->status.device;
    auto found = synced.find(device);
    if (found == synced.end()) {
      const auto target = folders.find(batch[i].folder, results[i]->path, false);
      auto outcome = target ? sync_file_system(*target->folder) : Failure{target.error()};
      found = synced.emplace(device, outcome).first;
    }
    if (!found->second) results[i] = Failure{found->second.error()};
  }
  return results;
}

SmallFiles::Placed SmallFiles::give_name(const Placing& file, TargetFolders& folders) {
  const auto own = own_folder();
  if (!own) return Failure{own.error()};
  const auto target = folders.find(file.folder, file.path, true);
  if (!target) return Failure{target.error()};
  const std::string number = std::to_string(file.number);
  auto finished = take_free_name(**own, number, *target->folder, target->name, file.id);
  if (!finished) return finished.error().code == EXDEV ? copy(file, folders) : finished;
  finished->status = file.status;
  if (finished->already_here) {
    const auto status = target->folder->status(finished->path);
    if (!status) return Failure{status.error()};
    finished->status = *status;
  }
  finished->path = target->prefix + finished->path;
  return finished;
}

/// For a target on another file system: a hidden copy there first.
SmallFiles::Placed SmallFiles::copy(const Placing& file, TargetFolders& folders) {
  const auto own = own_folder();
  if (!own) return Failure{own.error()};
  const auto fd = (*own)->open_read(std::to_string(file.number));
  if (!fd) return Failure{fd.error()};
  Partial::FinishOptions options;
  options.path = file.path;
  options.mtime_s = file.status.mtime_ns / 1'000'000'000;
  options.mode = file.status.mode;
  auto copied = copy_into(fd->get(), file.id, folders.top(), options);
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
