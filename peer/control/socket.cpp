// SPDX-License-Identifier: MIT
#include "peer/control/socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "net/select_loop.h"

namespace peer::control {
namespace {

constexpr int kBacklog = 8;
constexpr timeval kConnectPatience{5, 0};

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

/// The socket's address by way of an open folder.
sockaddr_un address_in(int folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, kSocketName);
  return address;
}

net::Fd new_socket(int flags) {
  net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (fd && !net::fits_select(fd.get())) {
    fd.reset();
    errno = EMFILE;
  }
  return fd;
}

net::Result<net::Fd, net::SystemError> connect_in(int folder, int flags) {
  auto fd = new_socket(flags);
  if (!fd) return net::failed(errno);
  // Only a connect that waits for a place in the backlog takes this long.
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kConnectPatience, sizeof kConnectPatience) != 0)
    return net::failed(errno);
  auto address = address_in(folder);
  int result;
  do {
    result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return net::failed(errno);
  return fd;
}

}  // namespace

net::Result<net::Fd, net::SystemError> connect_control(const net::Folder& state) {
  auto fd = connect_in(state.fd(), 0);
  if (fd && ::fcntl(fd->get(), F_SETFL, O_NONBLOCK) != 0) return net::failed(errno);
  return fd;
}

bool nobody_there(const net::SystemError& error) { return error.code == ENOENT || error.code == ECONNREFUSED; }

net::Result<std::uint32_t, net::SystemError> client_user(int fd) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return net::failed(errno);
  return credentials.uid;
}

ListeningSocket::ListeningSocket(const net::Folder& state) : folder_(::fcntl(state.fd(), F_DUPFD_CLOEXEC, 0)) {
  if (!folder_) fail(errno, "open the state folder");
  take_lock();
  remove_stale();
  listen();
}

ListeningSocket::~ListeningSocket() {
  struct stat there {};
  if (::fstatat(folder_.get(), kSocketName, &there, AT_SYMLINK_NOFOLLOW) == 0 && there.st_dev == device_ &&
      there.st_ino == inode_)
    ::unlinkat(folder_.get(), kSocketName, 0);
}

void ListeningSocket::take_lock() {
  lock_ = net::Fd(::openat(folder_.get(), kLockName, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!lock_) fail(errno, std::string("open .p2p/") + kLockName);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) fail(EADDRINUSE, "another p2ppeer runs in this folder (p2ppeer stop ends it)");
  fail(errno, std::string("lock .p2p/") + kLockName);
}

void ListeningSocket::remove_stale() const {
  struct stat there {};
  if (::fstatat(folder_.get(), kSocketName, &there, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return;
    fail(errno, std::string("look at .p2p/") + kSocketName);
  }
  if (!S_ISSOCK(there.st_mode)) fail(EEXIST, std::string(".p2p/") + kSocketName + " is not a socket; move it away");
  // Someone may answer although the lock is ours: the lock file was removed, or the file system ignores locks.
  auto answer = connect_in(folder_.get(), SOCK_NONBLOCK);
  if (answer || answer.error().code == EAGAIN)
    fail(EADDRINUSE, std::string("another p2ppeer answers on .p2p/") + kSocketName);
  if (!nobody_there(answer.error())) fail(answer.error().code, std::string("connect to .p2p/") + kSocketName);
  if (::unlinkat(folder_.get(), kSocketName, 0) != 0 && errno != ENOENT)
    fail(errno, std::string("remove the old .p2p/") + kSocketName);
}

void ListeningSocket::listen() {
  const std::string what = std::string("listen on .p2p/") + kSocketName;
  socket_ = new_socket(SOCK_NONBLOCK);
  if (!socket_) fail(errno, what);
  // bind() gives the file the socket's own mode (less the umask), so there is no moment at which others could connect.
  if (::fchmod(socket_.get(), 0600) != 0) fail(errno, what);
  auto address = address_in(folder_.get());
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail(errno, what);
  struct stat there {};
  if (::fstatat(folder_.get(), kSocketName, &there, AT_SYMLINK_NOFOLLOW) != 0) fail(errno, what);
  device_ = there.st_dev;
  inode_ = there.st_ino;
  if (::listen(socket_.get(), kBacklog) != 0) fail(errno, what);
}

}  // namespace peer::control
