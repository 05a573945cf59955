// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace peer::files {

/// What a file is given beside its content.
struct Attributes {
  std::int64_t mtime_s = 0;
  std::uint32_t mode = 0;  ///< As set_mode() takes it.
};

/// Gives the open file the modification time, only as far as the file system can: a wrong time is no reason to lose a
/// file. Times from hostile peers, beyond what a count of nanoseconds holds, are brought nearer.
void set_mtime(int fd, std::int64_t mtime_s);

/// Gives it the owner's rwx bits of `mode` and no others; 0600 where it has none of them.
void set_mode(int fd, std::uint32_t mode);
/// The owner's bits of a folder: writing as `mode` says, reading and entering always. The others' stay.
void set_folder_mode(int fd, std::uint32_t mode);

}  // namespace peer::files
