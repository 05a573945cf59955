// SPDX-License-Identifier: MIT
#include "peer/files/watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace peer::files {
namespace {

constexpr std::uint32_t kEvents = IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE |
                                  IN_ATTRIB | IN_ONLYDIR | IN_EXCL_UNLINK;

}  // namespace

FolderWatch::FolderWatch() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (fd_ && !net::fits_select(fd_.get())) fd_.reset();
}

bool FolderWatch::add(const net::Folder& folder, const Place& place) {
  if (!available()) return false;
  // By descriptor: a path could lead elsewhere by now.
  const std::string path = "/proc/self/fd/" + std::to_string(folder.fd());
  const std::lock_guard guard(mutex_);
  const int watch = ::inotify_add_watch(fd_.get(), path.c_str(), kEvents);
  if (watch < 0) return false;
  // The same folder gives the same number: after a move it is known under its old place.
  if (const auto known = places_.find(watch); known != places_.end()) watches_.erase(known->second);
  if (const auto known = watches_.find(place); known != watches_.end()) places_.erase(known->second);
  places_[watch] = place;
  watches_[place] = watch;
  return true;
}

void FolderWatch::remove(const Place& place) {
  const std::lock_guard guard(mutex_);
  const auto known = watches_.find(place);
  if (known == watches_.end()) return;
  // Fails where the folder itself is gone, and the watch with it.
  ::inotify_rm_watch(fd_.get(), known->second);
  places_.erase(known->second);
  watches_.erase(known);
}

void FolderWatch::on_readable(net::TimePoint now) {
  alignas(inotify_event) std::array<char, 64 << 10> buffer;
  const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < size;) {
    inotify_event event;
    std::memcpy(&event, buffer.data() + at, sizeof event);
    const char* name = buffer.data() + at + sizeof event;
    at += static_cast<ssize_t>(sizeof event + event.len);
    dispatch(now, event.wd, event.mask, event.len == 0 ? std::string() : std::string(name));
  }
}

void FolderWatch::dispatch(net::TimePoint now, int watch, std::uint32_t mask, const std::string& name) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    lost();
    return;
  }
  Place folder;
  {
    const std::lock_guard guard(mutex_);
    const auto known = places_.find(watch);
    if (known == places_.end()) return;
    folder = known->second;
    if ((mask & IN_IGNORED) != 0) {
      watches_.erase(folder);
      places_.erase(known);
      return;
    }
  }
  // Without a name it is about the folder itself, which its parent tells as well.
  if (!name.empty()) changed(now, folder.child(name));
}

}  // namespace peer::files
