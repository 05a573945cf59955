// SPDX-License-Identifier: MIT
#include "net/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>

namespace net {
namespace {

/// Success for 0, the errno for anything else.
Result<void, SystemError> outcome(int status) {
  if (status != 0) return failed(errno);
  return {};
}

Result<Fd, SystemError> open_beneath(int folder, const std::string& path, int flags, mode_t mode = 0) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: somebody renamed something while ".." was being resolved. A few attempts, not a loop that others control.
  for (int attempt = 0;; ++attempt) {
    long fd = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    if (errno != EINTR && (errno != EAGAIN || attempt >= 16)) return failed(errno);
  }
}

/// The folder that holds a path's last component, and that component, for calls that take the two.
struct Place {
  Fd opened;  ///< Empty where the parent is the folder itself.
  int folder = -1;
  std::string name;
};

Result<Place, SystemError> locate(int folder, const std::string& path) {
  if (path.find('\0') != std::string::npos) return failed(EINVAL);
  if (!path.empty() && path[0] == '/') return failed(EXDEV);
  std::size_t slash = path.rfind('/');
  Place place;
  place.name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (place.name.empty() || place.name == ".") return failed(EINVAL);
  if (place.name == "..") return failed(EXDEV);
  place.folder = folder;
  if (slash != std::string::npos) {
    auto opened = open_beneath(folder, path.substr(0, slash), O_RDONLY | O_DIRECTORY);
    if (!opened) return failed(opened.error().code);
    place.folder = opened->get();
    place.opened = *std::move(opened);
  }
  return place;
}

Result<Fd, SystemError> open_file(int folder, const std::string& path, int flags, mode_t mode = 0) {
  if (path.find('\0') != std::string::npos) return failed(EINVAL);
  // The kernel refuses the rest; the last component alone has a rule of its own.
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  if (!path.starts_with('/') && (name.empty() || name == ".")) return failed(EINVAL);
  if (name == "..") return failed(EXDEV);
  return open_beneath(folder, path, flags | O_NOFOLLOW | O_NOCTTY, mode);
}

struct CloseListing {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kRegular;
  if (S_ISDIR(mode)) return FileKind::kFolder;
  if (S_ISLNK(mode)) return FileKind::kSymlink;
  return FileKind::kOther;
}

/// A file may bear any time; one further away than 292 years counts as that far.
std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kFarthest = std::numeric_limits<std::int64_t>::max() / kSecond - 1;
  return std::clamp<std::int64_t>(time.tv_sec, -kFarthest, kFarthest) * kSecond + time.tv_nsec;
}

FileStatus status_from(const struct stat& found) {
  FileStatus status;
  status.kind = kind_of(found.st_mode);
  status.size = static_cast<std::uint64_t>(found.st_size);
  status.device = found.st_dev;
  status.inode = found.st_ino;
  status.mtime_ns = nanoseconds(found.st_mtim);
  status.mode = found.st_mode & 07777;
  status.owner = found.st_uid;
  return status;
}

/// Makes every folder on the way to `path`, as far as it is missing.
void make_path(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) {
      throw std::system_error(errno, std::generic_category(), "make folder " + part);
    }
    if (end == std::string::npos) return;
  }
}

Result<void, SystemError> rename_between(const Place& from, const Place& to, bool replace) {
  if (replace) return outcome(::renameat(from.folder, from.name.c_str(), to.folder, to.name.c_str()));
  int status = ::renameat2(from.folder, from.name.c_str(), to.folder, to.name.c_str(), RENAME_NOREPLACE);
  if (status == 0 || errno != EINVAL) return outcome(status);
  // Some file systems lack RENAME_NOREPLACE; a hard link refuses to overwrite as well.
  if (::linkat(from.folder, from.name.c_str(), to.folder, to.name.c_str(), 0) != 0) {
    return failed(errno == EPERM ? EINVAL : errno);
  }
  return outcome(::unlinkat(from.folder, from.name.c_str(), 0));
}

}  // namespace

Result<FileStatus, SystemError> status_of(int fd) {
  struct stat found;
  if (::fstat(fd, &found) != 0) return failed(errno);
  return status_from(found);
}

Folder Folder::open(const std::string& path, bool create) {
  if (create) make_path(path);
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw std::system_error(errno, std::generic_category(), "open folder " + path);
  return Folder(std::move(fd));
}

Result<Folder, SystemError> Folder::try_open(const std::string& path, bool create) {
  try {
    return open(path, create);
  } catch (const std::system_error& error) {
    return failed(error.code().value());
  }
}

Result<Folder, SystemError> Folder::subfolder(const std::string& path) const {
  auto fd = open_file(fd_.get(), path, O_RDONLY | O_DIRECTORY);
  if (!fd) return failed(fd.error().code);
  return Folder(*std::move(fd));
}

Result<void, SystemError> Folder::make_folders(const std::string& path) const {
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    auto place = locate(fd_.get(), path.substr(0, end));
    if (!place) return failed(place.error().code);
    if (::mkdirat(place->folder, place->name.c_str(), 0755) != 0) {
      if (errno != EEXIST) return failed(errno);
      // What exists may be a file or a symlink.
      auto existing = open_beneath(place->folder, place->name, O_PATH | O_DIRECTORY);
      if (!existing) return failed(existing.error().code);
    }
    if (end == std::string::npos) return {};
  }
}

Result<Fd, SystemError> Folder::open_read(const std::string& path) const {
  return open_file(fd_.get(), path, O_RDONLY | O_NONBLOCK);
}

Result<Fd, SystemError> Folder::create(const std::string& path) const {
  return open_file(fd_.get(), path, O_RDWR | O_CREAT | O_EXCL, 0600);
}

Result<Fd, SystemError> Folder::open_write(const std::string& path) const {
  return open_file(fd_.get(), path, O_RDWR | O_NONBLOCK);
}

Result<FileStatus, SystemError> Folder::status(const std::string& path) const {
  auto place = locate(fd_.get(), path);
  if (!place) return failed(place.error().code);
  struct stat found;
  if (::fstatat(place->folder, place->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return failed(errno);
  return status_from(found);
}

Result<std::vector<Folder::Entry>, SystemError> Folder::list() const {
  // Opened anew, so that each listing has a position of its own.
  auto fd = open_beneath(fd_.get(), ".", O_RDONLY | O_DIRECTORY);
  if (!fd) return failed(fd.error().code);
  std::unique_ptr<DIR, CloseListing> stream(::fdopendir(fd->get()));
  if (!stream) return failed(errno);
  fd->release();
  std::vector<Entry> entries;
  while (true) {
    errno = 0;
    const dirent* item = ::readdir(stream.get());
    if (item == nullptr) break;
    std::string name = item->d_name;
    if (name == "." || name == "..") continue;
    struct stat found;
    // d_type is not known everywhere; a name that went away meanwhile is left out.
    if (::fstatat(::dirfd(stream.get()), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) continue;
    entries.push_back({std::move(name), kind_of(found.st_mode)});
  }
  if (errno != 0) return failed(errno);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<void, SystemError> Folder::remove(const std::string& path) const {
  auto place = locate(fd_.get(), path);
  if (!place) return failed(place.error().code);
  return outcome(::unlinkat(place->folder, place->name.c_str(), 0));
}

Result<void, SystemError> Folder::remove_folder(const std::string& path) const {
  auto place = locate(fd_.get(), path);
  if (!place) return failed(place.error().code);
  return outcome(::unlinkat(place->folder, place->name.c_str(), AT_REMOVEDIR));
}

Result<void, SystemError> Folder::rename(const std::string& from, const std::string& to, bool replace) const {
  auto source = locate(fd_.get(), from);
  if (!source) return failed(source.error().code);
  auto target = locate(fd_.get(), to);
  if (!target) return failed(target.error().code);
  return rename_between(*source, *target, replace);
}

Result<void, SystemError> Folder::rename_into(const std::string& from, const Folder& target,
                                              const std::string& to) const {
  auto source = locate(fd_.get(), from);
  if (!source) return failed(source.error().code);
  auto place = locate(target.fd(), to);
  if (!place) return failed(place.error().code);
  return rename_between(*source, *place, false);
}

Result<void, SystemError> Folder::sync_parent(const std::string& path) const {
  auto place = locate(fd_.get(), path);
  if (!place) return failed(place.error().code);
  return outcome(::fsync(place->folder));
}

std::uint64_t Folder::free_space() const {
  struct statvfs found;
  if (::fstatvfs(fd_.get(), &found) != 0) return 0;
  return std::uint64_t{found.f_bavail} * found.f_frsize;
}

}  // namespace net
