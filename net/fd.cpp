// SPDX-License-Identifier: MIT
#include "net/fd.h"

#include <unistd.h>

namespace net {

void Fd::reset(int fd) {
  // Linux frees the number even where close() fails, so it is never closed again.
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace net
