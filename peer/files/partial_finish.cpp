// SPDX-License-Identifier: MIT
// The last step of a download: giving the complete file its name.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "peer/files/attributes.h"
#include "peer/files/finish.h"
#include "peer/files/partial.h"

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

net::Result<void, SystemError> outcome(int status) {
  if (status != 0) return net::failed(errno);
  return {};
}

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

}  // namespace

std::string partial_name(const ContentId& id) { return net::to_hex(id.root) + "-" + std::to_string(id.length); }

bool has_content(const net::Folder& folder, const std::string& path, const ContentId& id) {
  const auto fd = folder.open_read(path);
  if (!fd) return false;
  const auto status = net::status_of(fd->get());
  if (!status || status->kind != net::FileKind::kRegular || status->size != id.length) return false;
  return hash_file(fd->get(), id.length, [](std::uint64_t, net::ByteView) { return true; }) == id;
}

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

net::Result<Partial::Finished, SystemError> Partial::finish(const net::Folder& target, const FinishOptions& options) {
  if (error_.load() != 0) return Failure{error()};
  if (const auto slash = options.path.rfind('/'); slash != std::string::npos) {
    if (auto made = target.make_folders(options.path.substr(0, slash)); !made) return Failure{made.error()};
  }
  set_mtime(fd_.get(), options.mtime_s);
  if (auto synced = sync(::fsync); !synced) return Failure{synced.error()};
  auto finished = move_into(fd_.get(), folder_, name_, id_, target, options);
  if (!finished && finished.error().code == EXDEV) finished = copy_into(fd_.get(), id_, target, options);
  // Whatever remains of it here is of no use any more; what cannot be removed is only untidy.
  if (finished) discard();
  return finished;
}

net::Result<Partial::Finished, SystemError> take_free_name(const net::Folder& from, const std::string& name,
                                                           const net::Folder& target, const std::string& wanted,
                                                           const ContentId& id) {
  Partial::Finished finished{wanted, false, {}};
  for (unsigned n = 2;; ++n) {
    auto renamed = from.rename_into(name, target, finished.path);
    if (renamed) return finished;
    if (renamed.error().code != EEXIST || n > kMostNames) return Failure{renamed.error()};
    finished.already_here = has_content(target, finished.path, id);
    if (finished.already_here) return finished;
    finished.path = numbered_name(wanted, n);
  }
}

/// The mode comes after the name, because a file that its owner may not write could not be resumed.
net::Result<Partial::Finished, SystemError> move_into(int fd, const net::Folder& from, const std::string& name,
                                                      const ContentId& id, const net::Folder& target,
                                                      const Partial::FinishOptions& options) {
  auto finished = take_free_name(from, name, target, options.path, id);
  if (!finished) return finished;
  if (!finished->already_here) set_mode(fd, options.mode);
  if (auto synced = sync_folders(target, finished->path); !synced) return Failure{synced.error()};
  const auto status = target.status(finished->path);
  if (!status) return Failure{status.error()};
  finished->status = *status;
  return finished;
}

net::Result<Partial::Finished, SystemError> copy_into(int fd, const ContentId& id, const net::Folder& target,
                                                      const Partial::FinishOptions& options) {
  if (target.free_space() < id.length) return net::failed(ENOSPC);
  const std::size_t base = options.path.rfind('/') + 1;
  const std::string copy = options.path.substr(0, base) + ".p2p-" + partial_name(id);
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
  set_mtime(made->get(), options.mtime_s);
  bool ready = copied == id;
  if (ready && ::fsync(made->get()) != 0) {
    error = SystemError{errno};
    ready = false;
  }
  net::Result<Partial::Finished, SystemError> finished(Failure{error});
  if (ready) finished = move_into(made->get(), target, copy, id, target, options);
  if (!finished || finished->already_here) static_cast<void>(target.remove(copy).ok());
  return finished;
}

std::optional<std::string> find_finished(const net::Folder& target, const std::string& path, const ContentId& id) {
  std::string candidate = path;
  for (unsigned n = 2; target.status(candidate).ok() && n <= kMostNamesLookedAt; ++n) {
    if (has_content(target, candidate, id)) return candidate;
    candidate = numbered_name(path, n);
  }
  return std::nullopt;
}

net::Result<void, SystemError> sync_file_system(const net::Folder& folder) { return outcome(::syncfs(folder.fd())); }

}  // namespace peer::files
