// SPDX-License-Identifier: MIT
#include "peer/peer_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>
#include <system_error>
#include <utility>

#include "net/files.h"
#include "net/socket.h"

namespace peer {
namespace {

/// Bytes one connection may move in each direction in one pass of the loop, so that a fast one starves nobody.
constexpr std::size_t kMaxBytesPerPass = std::size_t{4} << 20;
/// How long a connection that we close may take to send what is queued.
constexpr net::Duration kGoodbye = std::chrono::seconds(1);

/// Small messages and files are sent together, up to this many bytes, rather than with two system calls each.
constexpr std::size_t kGather = std::size_t{128} << 10;
/// A file range up to this long is worth a copy.
constexpr std::uint64_t kSmallRange = 64u << 10;

/// Copies items from the front of the queue as far as they fit and are small; returns how many bytes those are, and 0
/// where it would be one item alone, which needs no copy.
std::size_t gather(const net::SendQueue& queue, std::span<std::byte> into) {
  std::size_t size = 0;
  std::size_t items = 0;
  queue.visit([&](const net::SendQueue::Front& front) {
    const std::span<std::byte> room = into.subspan(size);
    if (auto* bytes = std::get_if<net::ByteView>(&front)) {
      if (bytes->size() > room.size()) return false;
      std::copy(bytes->begin(), bytes->end(), room.begin());
      size += bytes->size();
    } else {
      const net::FileRange& range = std::get<net::FileRange>(front);
      if (range.length > kSmallRange || range.length > room.size()) return false;
      // One that cannot be read comes to the front in its turn, and is an error then.
      const auto piece = room.first(static_cast<std::size_t>(range.length));
      if (!net::read_exactly(range.source->fd(), range.offset, piece)) return false;
      size += piece.size();
    }
    ++items;
    return true;
  });
  return items > 1 ? size : 0;
}

net::IoResult send_front(int fd, const net::SendQueue& queue, std::size_t limit) {
  static thread_local std::array<std::byte, kGather> together;
  if (std::size_t size = gather(queue, std::span(together).first(std::min(kGather, limit))); size > 0) {
    return net::send(fd, net::ByteView(together).first(size), queue.pending() > size);
  }
  net::SendQueue::Front front = queue.front();
  if (auto* bytes = std::get_if<net::ByteView>(&front)) {
    bool more = queue.pending() > bytes->size();
    return net::send(fd, bytes->first(std::min(bytes->size(), limit)), more);
  }
  const net::FileRange& range = std::get<net::FileRange>(front);
  return net::send_file(fd, range.source->fd(), range.offset,
                        static_cast<std::size_t>(std::min<std::uint64_t>(range.length, limit)));
}

}  // namespace

PeerSocket::PeerSocket(Node& node, ConnectionId connection, net::Fd fd, bool connecting)
    : node_(node), connection_(connection), fd_(std::move(fd)), state_(connecting ? State::kConnecting : State::kOpen) {
  if (!connecting) net::tune_peer_socket(fd_.get());
}

bool PeerSocket::wants_read() const {
  if (state_ == State::kLeaving) return true;
  return state_ == State::kOpen && node_.has(connection_) && !node_.space(connection_).empty();
}

bool PeerSocket::wants_write() const {
  switch (state_) {
    case State::kConnecting:
      return true;
    case State::kOpen:
      return node_.has(connection_) && !node_.queue(connection_).empty() && node_.may_send(connection_) > 0;
    case State::kLeaving:
      return !last_words_.empty();
    case State::kClosed:
      break;
  }
  return false;
}

void PeerSocket::finish_connect(net::TimePoint now) {
  if (auto result = net::connect_result(fd_.get()); !result) {
    state_ = State::kClosed;
    if (node_.has(connection_)) node_.dial_failed(now, connection_, result.error().message());
    return;
  }
  state_ = State::kOpen;
  net::tune_peer_socket(fd_.get());
  if (node_.has(connection_)) node_.dialled(now, connection_);
}

void PeerSocket::lost(net::TimePoint now, const std::string& reason) {
  state_ = State::kClosed;
  if (node_.has(connection_)) node_.closed(now, connection_, reason);
}

void PeerSocket::on_readable(net::TimePoint now) {
  if (state_ == State::kLeaving) return read_last_words();
  for (std::size_t moved = 0; state_ == State::kOpen && node_.has(connection_) && moved < kMaxBytesPerPass;) {
    std::span<std::byte> space = node_.space(connection_);
    if (space.empty()) return;
    net::IoResult result = net::receive(fd_.get(), space);
    switch (result.status) {
      case net::IoResult::Status::kMoved:
        moved += result.count;
        node_.received(now, connection_, result.count);
        // A short read has emptied the socket: asking again would only cost a system call.
        if (result.count < space.size()) return;
        break;
      case net::IoResult::Status::kWouldBlock:
        return;
      case net::IoResult::Status::kClosed:
        return lost(now, "closed by the other end");
      case net::IoResult::Status::kFailed:
        return lost(now, std::generic_category().message(result.error));
    }
  }
}

void PeerSocket::on_writable(net::TimePoint now) {
  if (state_ == State::kConnecting) return finish_connect(now);
  if (state_ == State::kLeaving) return send_last_words();
  for (std::size_t moved = 0; state_ == State::kOpen && node_.has(connection_) && moved < kMaxBytesPerPass;) {
    net::SendQueue& queue = node_.queue(connection_);
    if (queue.empty()) return;
    std::uint64_t allowed = std::min<std::uint64_t>(node_.may_send(connection_), kMaxBytesPerPass - moved);
    if (allowed == 0) return;
    net::IoResult result = send_front(fd_.get(), queue, static_cast<std::size_t>(allowed));
    switch (result.status) {
      case net::IoResult::Status::kMoved:
        moved += result.count;
        queue.consume_all(result.count);
        node_.sent(now, connection_, result.count);
        break;
      case net::IoResult::Status::kWouldBlock:
        return;
      case net::IoResult::Status::kClosed:
        // The frame is begun and cannot be completed: the receiver must not take what follows for its data.
        return lost(now, "a shared file became shorter while it was sent");
      case net::IoResult::Status::kFailed:
        return lost(now, std::generic_category().message(result.error));
    }
  }
}

void PeerSocket::say_goodbye(net::SendQueue last_words, net::TimePoint now) {
  if (state_ != State::kOpen) {
    state_ = State::kClosed;
    return;
  }
  state_ = State::kLeaving;
  last_words_ = std::move(last_words);
  deadline_ = now + kGoodbye;
  send_last_words();
}

void PeerSocket::send_last_words() {
  while (!last_words_.empty()) {
    net::IoResult result = send_front(fd_.get(), last_words_, kMaxBytesPerPass);
    if (result.status == net::IoResult::Status::kWouldBlock) return;
    if (result.status != net::IoResult::Status::kMoved) {
      state_ = State::kClosed;
      return;
    }
    last_words_.consume_all(result.count);
  }
  // Closing now, with unread data, would make the kernel send a reset that overtakes what was just sent.
  ::shutdown(fd_.get(), SHUT_WR);
}

void PeerSocket::read_last_words() {
  std::array<std::byte, 16384> ignored;
  net::IoResult result = net::receive(fd_.get(), ignored);
  if (result.status == net::IoResult::Status::kClosed || result.status == net::IoResult::Status::kFailed) {
    state_ = State::kClosed;
  }
}

void PeerSocket::expire(net::TimePoint now) {
  if (deadline_ && *deadline_ <= now) state_ = State::kClosed;
}

}  // namespace peer
