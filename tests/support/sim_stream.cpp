// SPDX-License-Identifier: MIT
#include "tests/support/sim_stream.h"

#include <algorithm>
#include <utility>

#include "net/check.h"

namespace support {

struct SimStream::Up final : SimFlow {
  explicit Up(std::weak_ptr<SimStream> s) : stream(std::move(s)) {}
  std::size_t waiting() const override {
    const auto s = stream.lock();
    if (!s || s->cut_) return 0;
    const std::uint64_t on_the_way = s->departed_ - s->read_;
    if (on_the_way >= kWindow) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(s->written_ - s->departed_, kWindow - on_the_way));
  }
  void served(std::size_t count) override {
    if (const auto s = stream.lock()) s->departed(count);
  }
  std::weak_ptr<SimStream> stream;
};

struct SimStream::Down final : SimFlow {
  explicit Down(std::weak_ptr<SimStream> s) : stream(std::move(s)) {}
  std::size_t waiting() const override {
    const auto s = stream.lock();
    return s && !s->cut_ ? static_cast<std::size_t>(s->reached_ - s->arrived_) : 0;
  }
  void served(std::size_t count) override {
    if (const auto s = stream.lock()) s->arrived(count);
  }
  std::weak_ptr<SimStream> stream;
};

void SimStream::start() {
  if (up_flow_) return;
  up_flow_ = std::make_shared<Up>(weak_from_this());
  down_flow_ = std::make_shared<Down>(weak_from_this());
}

net::Duration SimStream::delay() { return events_.between(latency_, latency_ + latency_ / 10); }

std::size_t SimStream::room() const {
  if (finished_ || cut_) return 0;
  return kSendBuffer - static_cast<std::size_t>(std::min<std::uint64_t>(kSendBuffer, written_ - departed_));
}

void SimStream::write(net::ByteView bytes) {
  CHECK(bytes.size() <= room());
  bytes_.append(bytes);
  wrote(bytes.size());
}

void SimStream::write(std::shared_ptr<const net::Bytes> of, std::size_t offset, std::size_t count) {
  CHECK(count <= room());
  bytes_.append(std::move(of), offset, count);
  wrote(count);
}

void SimStream::wrote(std::size_t count) {
  start();
  written_ += count;
  up_.offer(up_flow_);
}

void SimStream::finish() {
  finished_ = true;
  send_end();
}

void SimStream::departed(std::size_t count) {
  if (cut_) return;
  departed_ += count;
  events_.after(delay(), [self = shared_from_this(), count] {
    self->reached_ += count;
    self->down_.offer(self->down_flow_);
  });
  send_end();
  // As a socket with TCP_NOTSENT_LOWAT: writable again when half of the buffer is free.
  if (!finished_ && on_writable && room() >= kSendBuffer / 2) on_writable();
}

void SimStream::send_end() {
  if (!finished_ || end_sent_ || cut_ || departed_ != written_) return;
  end_sent_ = true;
  events_.after(delay(), [self = shared_from_this()] {
    self->end_arrived_ = true;
    if (self->at_end() && !self->cut_ && self->on_readable) self->on_readable();
  });
}

void SimStream::arrived(std::size_t count) {
  if (cut_) return;
  arrived_ += count;
  if (unread_) {
    throw_away();
  } else if (on_readable) {
    on_readable();
  }
}

void SimStream::read(std::span<std::byte> into) {
  CHECK(into.size() <= readable());
  bytes_.read(into);
  consumed(into.size());
}

void SimStream::throw_away() {
  const std::size_t count = readable();
  bytes_.drop(count);
  consumed(count);
}

void SimStream::consumed(std::size_t count) {
  read_ += count;
  if (up_flow_) up_.offer(up_flow_);
}

void SimStream::stop_reading() {
  unread_ = true;
  on_readable = nullptr;
  throw_away();
}

void SimStream::cut() {
  cut_ = true;
  on_writable = nullptr;
  on_readable = nullptr;
  bytes_.clear();
  written_ = departed_ = reached_ = arrived_ = read_ = 0;
}

}  // namespace support
