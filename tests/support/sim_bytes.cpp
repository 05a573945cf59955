// SPDX-License-Identifier: MIT
#include "tests/support/sim_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/check.h"

namespace support {

void SimBytes::append(net::ByteView bytes) {
  if (bytes.empty()) return;
  if (first_ == pieces_.size() || pieces_.back().shared) pieces_.emplace_back();
  Piece& last = pieces_.back();
  last.own.insert(last.own.end(), bytes.begin(), bytes.end());
  last.end += bytes.size();
  size_ += bytes.size();
}

void SimBytes::append(std::shared_ptr<const net::Bytes> of, std::size_t offset, std::size_t count) {
  CHECK(offset <= of->size() && count <= of->size() - offset);
  if (count == 0) return;
  size_ += count;
  if (first_ < pieces_.size() && pieces_.back().shared == of && pieces_.back().end == offset) {
    pieces_.back().end += count;
    return;
  }
  pieces_.push_back({std::move(of), {}, offset, offset + count});
}

void SimBytes::read(std::span<std::byte> into) {
  CHECK(into.size() <= size_);
  while (!into.empty()) {
    const net::ByteView front = pieces_[first_].view();
    const std::size_t count = std::min(into.size(), front.size());
    std::memcpy(into.data(), front.data(), count);
    into = into.subspan(count);
    drop_front(count);
  }
}

void SimBytes::drop(std::size_t count) {
  CHECK(count <= size_);
  while (count > 0) {
    const std::size_t some = std::min(count, pieces_[first_].end - pieces_[first_].begin);
    drop_front(some);
    count -= some;
  }
}

void SimBytes::drop_front(std::size_t count) {
  Piece& front = pieces_[first_];
  front.begin += count;
  size_ -= count;
  if (size_ == 0) return clear();
  if (front.begin < front.end) return;
  front = Piece();
  if (++first_ < pieces_.size() / 2) return;
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

void SimBytes::clear() {
  std::vector<Piece>().swap(pieces_);
  first_ = size_ = 0;
}

}  // namespace support
