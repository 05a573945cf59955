// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>

namespace net {

/// Sets an option that is an int (setsockopt(2)). False: it could not be set, errno says why.
inline bool set_option(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace net
