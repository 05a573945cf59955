// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <variant>

#include "net/bytes.h"

namespace net {

/// What a SendQueue sends a range of. Shared, so that a file stays open until its last queued range has gone.
class SendSource {
 public:
  virtual ~SendSource() = default;
  /// The open file; -1 where the bytes are elsewhere (tests).
  virtual int fd() const { return -1; }
};

/// Bytes [offset, offset + length) of a file, to be sent without copying.
struct FileRange {
  std::shared_ptr<const SendSource> source;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Bytes and file ranges waiting to be sent on one connection, in order, bounded. It does no I/O: the driver asks for
/// the front, sends what the socket takes, and says how much that was.
class SendQueue {
 public:
  /// `limit` bounds the bytes held in memory (file ranges count as nothing but their number: at most kMaxItems).
  explicit SendQueue(std::size_t limit) : limit_(limit) {}

  static constexpr std::size_t kMaxItems = 4096;

  /// False, and nothing is queued, when the bound would be passed: the peer does not read and must be closed.
  [[nodiscard]] bool push(Bytes bytes);
  [[nodiscard]] bool push(FileRange range);

  bool empty() const { return items_.empty(); }
  /// Bytes still to be sent, files included.
  std::uint64_t pending() const { return pending_; }
  /// The part of pending() that is held in memory; this is what `limit` bounds.
  std::size_t buffered() const { return buffered_; }

  /// The unsent part of the first item: either bytes, or a file range. REQUIRES: !empty().
  using Front = std::variant<ByteView, FileRange>;
  Front front() const;
  /// visit(Front) for what front() shows and for each item after it, in order, until it returns false. What it is given
  /// is good until the queue changes.
  template <class Visit>
  void visit(Visit visit) const {
    bool more = !items_.empty() && visit(front());
    for (std::size_t i = 1; more && i < items_.size(); ++i) {
      const Bytes* bytes = std::get_if<Bytes>(&items_[i]);
      more = bytes != nullptr ? visit(Front(ByteView(*bytes))) : visit(Front(std::get<FileRange>(items_[i])));
    }
  }
  /// Takes `count` bytes off the front. REQUIRES: count <= what front() showed.
  void consume(std::uint64_t count);
  /// The same, over as many items as it takes. REQUIRES: count <= pending().
  void consume_all(std::uint64_t count);

 private:
  std::deque<std::variant<Bytes, FileRange>> items_;
  std::size_t head_ = 0;  ///< Bytes of the first item that were sent, where it holds bytes.
  std::size_t limit_;
  std::size_t buffered_ = 0;
  std::uint64_t pending_ = 0;
};

}  // namespace net
