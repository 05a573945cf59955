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

}  // namespace peer::files
