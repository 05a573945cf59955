// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace peer {

/// Memory for one chunk on its way from a socket to the disk. Move-only; give it back with BufferPool::release.
struct Buffer {
  std::unique_ptr<std::byte[]> memory;
  std::size_t size = 0;
  std::size_t capacity = 0;

  std::span<std::byte> bytes() { return {memory.get(), size}; }
  std::span<const std::byte> bytes() const { return {memory.get(), size}; }
};

/// Bounds what all downloads together hold in memory, and reuses it: fresh pages cost more than the copy they save.
class BufferPool {
 public:
  explicit BufferPool(std::size_t limit) : limit_(limit) {}

  /// Uninitialised memory of `size` bytes; nothing while that would pass the limit (one buffer is always given), or
  /// when the system has none (threats T22).
  std::optional<Buffer> acquire(std::size_t size);
  /// Takes a buffer back; an empty one is ignored. What is kept for reuse counts towards the limit.
  void release(Buffer buffer);
  /// Bytes given out, by capacity.
  std::size_t in_use() const { return in_use_; }

 private:
  void drop_oldest_spare();

  std::size_t limit_;
  std::size_t in_use_ = 0;
  std::size_t spare_bytes_ = 0;
  std::vector<Buffer> spare_;
};

}  // namespace peer
