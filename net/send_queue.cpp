// SPDX-License-Identifier: MIT
#include "net/send_queue.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/check.h"

namespace net {

bool SendQueue::push(Bytes bytes) {
  if (bytes.empty()) return true;
  if (items_.size() >= kMaxItems || bytes.size() > limit_ - buffered_) return false;
  buffered_ += bytes.size();
  pending_ += bytes.size();
  items_.emplace_back(std::move(bytes));
  return true;
}

bool SendQueue::push(FileRange range) {
  if (range.length == 0) return true;
  // Half of the counter's range for files leaves the other half to what is in memory.
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() / 2;
  if (items_.size() >= kMaxItems || range.length > kMost || pending_ > kMost - range.length) return false;
  pending_ += range.length;
  items_.emplace_back(std::move(range));
  return true;
}

SendQueue::Front SendQueue::front() const {
  CHECK(!items_.empty());
  if (const Bytes* bytes = std::get_if<Bytes>(&items_.front())) return ByteView(*bytes).subspan(head_);
  return std::get<FileRange>(items_.front());
}

void SendQueue::consume(std::uint64_t count) {
  CHECK(!items_.empty());
  bool finished = false;
  if (const Bytes* bytes = std::get_if<Bytes>(&items_.front())) {
    CHECK(count <= bytes->size() - head_);
    head_ += static_cast<std::size_t>(count);
    buffered_ -= static_cast<std::size_t>(count);
    finished = head_ == bytes->size();
  } else {
    FileRange& range = std::get<FileRange>(items_.front());
    CHECK(count <= range.length);
    range.offset += count;
    range.length -= count;
    finished = range.length == 0;
  }
  pending_ -= count;
  if (finished) {
    items_.pop_front();
    head_ = 0;
  }
}

void SendQueue::consume_all(std::uint64_t count) {
  CHECK(count <= pending_);
  while (count > 0) {
    Front first = front();
    const ByteView* bytes = std::get_if<ByteView>(&first);
    const std::uint64_t size = bytes != nullptr ? bytes->size() : std::get<FileRange>(first).length;
    const std::uint64_t taken = std::min(count, size);
    consume(taken);
    count -= taken;
  }
}

}  // namespace net
