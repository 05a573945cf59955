// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/fd.h"
#include "net/result.h"
#include "net/system_error.h"

namespace net {

/// A listening, non-blocking TCP socket. IPv6 listeners are IPv6-only, so that both can hold one port. Throws
/// std::system_error naming the endpoint.
Fd listen_tcp(const Endpoint& endpoint);

/// Begins a non-blocking connect; the socket is writable when it is done (see connect_result). Fails at once with
/// EMFILE where the descriptor would not fit select().
Result<Fd, SystemError> connect_tcp(const Endpoint& endpoint);
/// What became of a connect, once the socket is writable.
Result<void, SystemError> connect_result(int fd);

struct Accepted {
  Fd fd;
  Endpoint remote;
};
/// Takes one waiting connection, non-blocking. EAGAIN when none waits, EMFILE/ENFILE when descriptors have run out
/// (also when the new one would not fit select(); it is then closed).
Result<Accepted, SystemError> accept_tcp(int listener);

/// Bytes moved; 0 with EOF set apart from EAGAIN. Interrupted calls are repeated. receive() and send() never raise
/// SIGPIPE.
struct IoResult {
  enum class Status { kMoved, kWouldBlock, kClosed, kFailed };
  Status status = Status::kWouldBlock;
  std::size_t count = 0;
  int error = 0;  ///< errno where status is kFailed.
};
IoResult receive(int fd, std::span<std::byte> into);
/// `more`: other data follows at once, so the kernel may wait with a segment that is not full (MSG_MORE).
IoResult send(int fd, ByteView bytes, bool more = false);
/// sendfile(2) of up to `length` bytes of `file` from `offset`. kClosed when the file ends at or before `offset`.
/// REQUIRES: the program ignores SIGPIPE, as sendfile(2) has no MSG_NOSIGNAL; a peer that went away is then EPIPE.
IoResult send_file(int fd, int file, std::uint64_t offset, std::size_t length);

/// Where a bound or connected socket is on this host; nothing when the kernel does not say.
std::optional<Endpoint> local_endpoint(int fd);

/// Options of a peer connection: TCP_NODELAY, keep-alive and TCP_USER_TIMEOUT (a host that is gone is noticed within
/// 90 s), and TCP_NOTSENT_LOWAT so that little waits in the kernel.
void tune_peer_socket(int fd);

}  // namespace net
