// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "net/bytes.h"
#include "net/send_queue.h"
#include "net/time.h"
#include "peer/legacy/requests.h"

namespace peer::legacy {

/// A connection to an older program that has dialled us, from its first byte on. The answer to `req` goes out in
/// batches, each of a few files: whenever hungry(), the owner adds the next ones with add_item() or pass(), or says
/// end_answer(). While an answer goes out nothing is read.
class ServerSession {
 public:
  static constexpr net::Duration kIdle = std::chrono::seconds(10);   ///< Without a request.
  static constexpr net::Duration kStuck = std::chrono::seconds(30);  ///< Without taking anything of an answer.
  /// A batch ends with the file that makes it this long, or has so many: each is open until it is sent.
  static constexpr std::uint64_t kBatchBytes = 256u << 10;
  static constexpr std::size_t kBatchItems = 32;

  /// `queue` holds what was not sent yet, `begun` is what has been read.
  ServerSession(net::SendQueue queue, net::ByteView begun, net::TimePoint now)
      : queue_(std::move(queue)), input_(begun.begin(), begun.end()), input_end_(begun.size()), moved_at_(now) {}

  /// As those of wire::Session.
  std::span<std::byte> space();
  void received(std::size_t count) { input_end_ = count; }
  net::SendQueue& queue() { return queue_; }
  const net::SendQueue& queue() const { return queue_; }
  /// Bytes were taken off the queue.
  void sent(net::TimePoint now);

  /// kNone while an answer goes out, too.
  RequestReader::Request next_request();

  /// REQUIRES: not answering.
  void begin_answer(net::TimePoint now);
  /// The answer goes on, and nothing of it waits to be sent.
  bool hungry() const { return answering_ && !complete_ && queue_.empty(); }
  /// Whether the batch is complete. Nothing more is to be added until it is hungry again.
  bool full() const { return queue_.pending() >= kBatchBytes || batch_items_ >= kBatchItems; }
  /// The path of the file that was added or passed last; empty at the beginning.
  const std::string& cursor() const { return cursor_; }
  /// Leaves a file out.
  void pass(std::string path) { cursor_ = std::move(path); }
  /// Adds a file with all its bytes; `source` may be null where it has none. False, and nothing is added, where the
  /// answer would become too long.
  [[nodiscard]] bool add_item(std::string path, std::uint64_t length, std::shared_ptr<const net::SendSource> source);
  void end_answer();

  /// When the owner must look: at once while hungry, otherwise when the time for the other end is up.
  net::TimePoint deadline() const;

 private:
  net::SendQueue queue_;
  net::Bytes input_;
  std::size_t input_at_ = 0;  ///< What was read of it...
  std::size_t input_end_;     ///< ...and what has come.
  RequestReader requests_;
  bool answering_ = false;
  bool complete_ = false;  ///< The end of the answer is in the queue.
  std::string cursor_;
  std::uint64_t answer_size_ = 0;
  std::size_t answer_items_ = 0;
  std::size_t batch_items_ = 0;
  net::TimePoint moved_at_;  ///< When something was taken, an answer begun, or this.
};

}  // namespace peer::legacy
