// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "net/bytes.h"

namespace support {

/// Bytes on their way, first in first out. What is shared is not copied before it is read: a swarm of hundreds moves
/// each chunk hundreds of times.
class SimBytes {
 public:
  void append(net::ByteView bytes);
  /// Bytes [offset, offset + count) of `of`.
  void append(std::shared_ptr<const net::Bytes> of, std::size_t offset, std::size_t count);

  std::size_t size() const { return size_; }
  /// Takes the first ones off. REQUIRES: into.size() <= size().
  void read(std::span<std::byte> into);
  /// The same, without looking at them. REQUIRES: count <= size().
  void drop(std::size_t count);
  /// Keeps no memory either: thousands of streams are idle.
  void clear();

 private:
  struct Piece {
    std::shared_ptr<const net::Bytes> shared;  ///< Null: its own.
    net::Bytes own;
    std::size_t begin = 0, end = 0;
    net::ByteView view() const { return net::ByteView(shared ? *shared : own).subspan(begin, end - begin); }
  };
  void drop_front(std::size_t count);

  std::vector<Piece> pieces_;  ///< Those before first_ are gone.
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace support
