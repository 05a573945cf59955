// SPDX-License-Identifier: MIT
#include "peer/files/finish.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <span>

#include "peer/files/merkle.h"

namespace peer::files {
namespace {

using net::Failure;
using net::SystemError;

/// Files of one name, numbered, that are looked at for a content before it is fetched.
constexpr unsigned kMostNamesLookedAt = 100;
constexpr unsigned kMostNames = 10000;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kCopyPiece = 1 << 20;
/// Folders that are synced one by one; for more, their file system is.
constexpr std::ptrdiff_t kMostFoldersSynced = 32;

/// Hashes the file from its beginning, calling piece(offset, bytes) on the way; nothing when it cannot be read.
template <class Piece>
std::optional<ContentId> hash_file(int fd, std::uint64_t length, Piece piece) {
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(kCopyPiece);
  TreeHasher hasher;
  while (hasher.length() < length) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kCopyPiece, length - hasher.length()));
    const std::span<std::byte> bytes(buffer.get(), size);
    if (!net::read_exactly(fd, hasher.length(), bytes) || !piece(hasher.length(), net::ByteView(bytes))) {
      return std::nullopt;
    }
    hasher.update(bytes);
  }
  return hasher.finish().id;
}

/// Makes the name durable. Folders on the way may be new: each is entered durably in its own parent, or all at once.
net::Result<void, SystemError> sync_folders(const net::Folder& target, std::string path) {
  // How deep it is who pushes decides: 2000 folders take seconds, in which nothing else gets its name. (threat T31)
  if (std::count(path.begin(), path.end(), '/') > kMostFoldersSynced) {
    const auto folder = target.subfolder(path.substr(0, path.rfind('/')));
    if (!folder) return Failure{folder.error()};
    return sync_file_system(*folder);
  }
  while (true) {
    if (auto synced = target.sync_parent(path); !synced) return synced;
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return {};
    path.resize(slash);
  }
}

}  // namespace

std::string partial_name(const ContentId& id) { return net::to_hex(id.root) + "-" + std::to_string(id.length); }

bool has_content(const net::Folder& folder, const std::string& path, const ContentId& id) {
  const auto fd = folder.open_read(path);
  if (!fd) return false;
  const auto status = net::status_of(fd->get());
  if (!status || status->kind != net::FileKind::kRegular || status->size != id.length) return false;
  return hash_file(fd->get(), id.length, [](std::uint64_t, net::ByteView) { return true; }) == id;
}

net::Result<void, SystemError> try_writing(const std::string& folder) {
  // Several threads may try the same folder at once.
  static std::atomic<unsigned> trials{0};
  const auto target = net::Folder::try_open(folder, true);
  if (!target) return Failure{target.error()};
  const std::string name = ".p2p-trial-" + std::to_string(::getpid()) + "-" + std::to_string(++trials);
  const auto made = target->create(name);
  if (!made && made.error().code != EEXIST) return Failure{made.error()};
  return target->remove(name);
}

std::string numbered_name(const std::string& path, unsigned n) {
  const std::size_t base = path.rfind('/') + 1;  // 0 where there is no '/', as npos + 1 is.
  std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot <= base) dot = path.size();
  const std::string tail = " (" + std::to_string(n) + ")" + path.substr(dot);
  std::size_t stem_end = dot;
  if (stem_end - base + tail.size() > kLongestName && tail.size() < kLongestName) {
    stem_end = base + kLongestName - tail.size();
    while (stem_end > base && (static_cast<unsigned char>(path[stem_end]) & 0xc0) == 0x80) --stem_end;
  }
  return path.substr(0, stem_end) + tail;
}

Placed take_free_name(const net::Folder& from, const std::string& name, const net::Folder& target,
                      const std::string& wanted, const ContentId& id) {
  Finished finished{wanted, false, {}};
  for (unsigned n = 2;; ++n) {
    auto renamed = from.rename_into(name, target, finished.path);
    if (renamed) return finished;
    if (renamed.error().code != EEXIST || n > kMostNames) return Failure{renamed.error()};
    finished.already_here = has_content(target, finished.path, id);
    if (finished.already_here) return finished;
    finished.path = numbered_name(wanted, n);
  }
}

Placed copy_into(int fd, const ContentId& id, const net::Folder& target, const std::string& wanted,
                 const Attributes& attributes) {
  if (target.free_space() < id.length) return net::failed(ENOSPC);
  const std::size_t base = wanted.rfind('/') + 1;
  const std::string copy = wanted.substr(0, base) + ".p2p-" + partial_name(id);
  // One that a kill left behind.
  static_cast<void>(target.remove(copy).ok());
  const auto made = target.create(copy);
  if (!made) return Failure{made.error()};

  SystemError error{EIO};
  const auto copied = hash_file(fd, id.length, [&](std::uint64_t offset, net::ByteView bytes) {
    const auto written = net::write_exactly(made->get(), offset, bytes);
    if (!written) error = written.error();
    return written.ok();
  });
  set_mtime(made->get(), attributes.mtime_s);
  set_mode(made->get(), attributes.mode);
  bool ready = copied == id;
  if (ready && ::fsync(made->get()) != 0) {
    error = SystemError{errno};
    ready = false;
  }
  Placed placed(Failure{error});
  if (ready) placed = take_free_name(target, copy, target, wanted, id);
  if (!placed || placed->already_here) static_cast<void>(target.remove(copy).ok());
  return placed;
}

std::optional<std::string> find_finished(const net::Folder& target, const std::string& path, const ContentId& id) {
  std::string candidate = path;
  for (unsigned n = 2; target.status(candidate).ok() && n <= kMostNamesLookedAt; ++n) {
    if (has_content(target, candidate, id)) return candidate;
    candidate = numbered_name(path, n);
  }
  return std::nullopt;
}

void sync_names(const std::vector<Destination>& wanted, TargetFolders& folders, std::vector<Placed>& results) {
  const bool few = wanted.size() <= kFewFiles;
  const auto sync = [&](std::size_t i) -> net::Result<void, SystemError> {
    const auto target = folders.find(wanted[i].folder, results[i]->path, false);
    if (!target) return Failure{target.error()};
    return few ? sync_folders(folders.top(), results[i]->path) : sync_file_system(*target->folder);
  };
  std::map<std::uint64_t, net::Result<void, SystemError>> synced;  // By device.
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!results[i]) continue;
    const std::uint64_t device = results[i]->status.device;
    const auto before = synced.find(device);
    const auto outcome = few || before == synced.end() ? sync(i) : before->second;
    synced.insert_or_assign(device, outcome);
    if (!outcome) results[i] = Failure{outcome.error()};
  }
}

net::Result<void, SystemError> sync_file_system(const net::Folder& folder) {
  if (::syncfs(folder.fd()) != 0) return net::failed(errno);
  return {};
}

}  // namespace peer::files
