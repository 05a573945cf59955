// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "net/fd.h"
#include "net/files.h"
#include "net/result.h"
#include "net/system_error.h"

/// The Unix stream socket `control.sock` in a home's `.p2p` folder (here: the state folder). It is always reached
/// through the open folder (/proc/self/fd/N/control.sock), so the length of the home's path does not matter (a Unix
/// address holds 107 bytes), and a renamed or replaced parent leads nowhere else.
namespace peer::control {

inline constexpr char kSocketName[] = "control.sock";
inline constexpr char kLockName[] = "control.lock";

/// The connection to the peer that runs in this home, non-blocking. Nobody there is ENOENT or ECONNREFUSED (see
/// nobody_there). A peer that accepts nobody for 5 s is EAGAIN. A descriptor that does not fit select() is EMFILE.
net::Result<net::Fd, net::SystemError> connect_control(const net::Folder& state);
bool nobody_there(const net::SystemError& error);

/// Whether a process of user `client` may drive a peer that runs as `own`: the same user, or root (threats T44).
constexpr bool may_control(std::uint32_t client, std::uint32_t own) { return client == own || client == 0; }
/// The user at the other end of an accepted Unix socket (SO_PEERCRED: who it was when it connected).
net::Result<std::uint32_t, net::SystemError> client_user(int fd);

/// The listening end. While it lives it holds a lock (flock on `control.lock`), so two peers never share a home; at
/// its end the socket file is removed. Mode 0600 from the first moment.
class ListeningSocket {
 public:
  /// A socket file that a killed peer left is replaced; anything else under that name is left alone. Throws
  /// std::system_error; EADDRINUSE when another peer runs in this home.
  explicit ListeningSocket(const net::Folder& state);
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  ~ListeningSocket();

  int fd() const { return socket_.get(); }

 private:
  void take_lock();
  void remove_stale() const;
  void listen();

  net::Fd folder_;
  net::Fd lock_;
  net::Fd socket_;
  std::uint64_t device_ = 0, inode_ = 0;  ///< Of our socket file.
};

}  // namespace peer::control
