// SPDX-License-Identifier: MIT
#include "peer/files/attributes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace peer::files {

void set_mtime(int fd, std::int64_t mtime_s) {
  constexpr std::int64_t kFarthest = std::int64_t{1} << 33;
  const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(std::clamp(mtime_s, -kFarthest, kFarthest)), 0}};
  static_cast<void>(::futimens(fd, times));
}

void set_mode(int fd, std::uint32_t mode) {
  mode &= S_IRWXU;
  static_cast<void>(::fchmod(fd, mode == 0 ? S_IRUSR | S_IWUSR : mode));
}

void set_folder_mode(int fd, std::uint32_t mode) {
  struct stat found;
  if (::fstat(fd, &found) != 0) return;
  const mode_t others = found.st_mode & 07777 & ~static_cast<mode_t>(S_IRWXU);
  static_cast<void>(::fchmod(fd, others | S_IRUSR | S_IXUSR | (mode & S_IWUSR)));
}

}  // namespace peer::files
