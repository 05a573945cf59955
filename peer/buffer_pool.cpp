// SPDX-License-Identifier: MIT
#include "peer/buffer_pool.h"

#include <new>
#include <utility>

#include "net/check.h"

namespace peer {

std::optional<Buffer> BufferPool::acquire(std::size_t size) {
  if (in_use_ > 0 && (size > limit_ || in_use_ > limit_ - size)) return std::nullopt;
  // The last chunk of a file is short; a spare buffer of up to twice the size is good enough for it.
  for (auto spare = spare_.begin(); spare != spare_.end(); ++spare) {
    if (spare->capacity < size || spare->capacity / 2 > size || in_use_ + spare->capacity > limit_) continue;
    Buffer buffer = std::move(*spare);
    spare_.erase(spare);
    spare_bytes_ -= buffer.capacity;
    in_use_ += buffer.capacity;
    buffer.size = size;
    return buffer;
  }
  while (!spare_.empty() && in_use_ + spare_bytes_ + size > limit_) drop_oldest_spare();
  Buffer buffer;
  buffer.memory.reset(new (std::nothrow) std::byte[size]);
  if (!buffer.memory) return std::nullopt;
  buffer.size = buffer.capacity = size;
  in_use_ += size;
  return buffer;
}

void BufferPool::release(Buffer buffer) {
  if (!buffer.memory) return;
  CHECK(buffer.capacity <= in_use_);
  in_use_ -= buffer.capacity;
  if (in_use_ + spare_bytes_ + buffer.capacity > limit_) return;
  spare_bytes_ += buffer.capacity;
  spare_.push_back(std::move(buffer));
}

void BufferPool::drop_oldest_spare() {
  spare_bytes_ -= spare_.front().capacity;
  spare_.erase(spare_.begin());
}

}  // namespace peer
