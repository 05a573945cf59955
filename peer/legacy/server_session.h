// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "net/bytes.h"
#include "net/send_queue.h"
#include "net/time.h"
#include "peer/files/content_id.h"
#include "peer/legacy/requests.h"
#include "peer/legacy/shared_contents.h"

namespace peer::legacy {

/// A connection to an older program that has dialled us, from its first byte on. The answer to `req` goes out in
/// batches, each of a few files: whenever hungry(), the owner adds or passes what is next(), or says end_answer() where
/// that is nothing. From a request until its answer has gone out nothing is read.
class ServerSession {
 public:
  static constexpr net::Duration kIdle = std::chrono::seconds(10);   ///< Without a request.
  static constexpr net::Duration kStuck = std::chrono::seconds(30);  ///< Without taking anything of an answer.
  static constexpr net::Duration kPace = std::chrono::seconds(1);    ///< From the beginning of one answer to the next.
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

  /// kNone while a request waits for its answer or that goes out, too.
  RequestReader::Request next_request();
  /// When the next answer may begin.
  net::TimePoint next_answer() const { return answered_at_ ? *answered_at_ + kPace : net::TimePoint{}; }
  /// The request waits until then for its answer.
  void postpone(net::TimePoint until);
  bool postponed() const { return stage_ == Stage::kPostponed; }

  /// REQUIRES: no answer goes out; there is not too much of it.
  void begin_answer(net::TimePoint now, std::shared_ptr<const SharedContents> contents);
  /// The answer goes on, and nothing of it waits to be sent.
  bool hungry() const { return stage_ == Stage::kAnswering && queue_.empty(); }
  /// Whether the batch is complete. Nothing more is to be added until it is hungry again.
  bool full() const { return queue_.pending() >= kBatchBytes || batch_items_ >= kBatchItems; }
  /// The content whose turn it is; null at the end.
  const files::ContentId* next() const;
  /// Leaves it out.
  void pass() { ++at_; }
  /// Adds it with all its bytes.
  void add(std::shared_ptr<const net::SendSource> source);
  void end_answer();

  /// When the owner must look: at once while hungry, at the end of a postponement, otherwise when the time for the
  /// other end is up.
  net::TimePoint deadline() const;

 private:
  enum class Stage {
    kReading,
    kPostponed,  ///< until_ says until when.
    kAnswering,
    kEnding,  ///< The end of the answer is in the queue.
  };

  net::SendQueue queue_;
  net::Bytes input_;
  std::size_t input_at_ = 0;  ///< What was read of it...
  std::size_t input_end_;     ///< ...and what has come.
  RequestReader requests_;
  Stage stage_ = Stage::kReading;
  net::TimePoint until_{};
  std::optional<net::TimePoint> answered_at_;  ///< When the last answer began.
  std::shared_ptr<const SharedContents> contents_;
  std::size_t at_ = 0;  ///< In contents_.
  std::size_t batch_items_ = 0;
  net::TimePoint moved_at_;  ///< When something was taken, an answer begun, or this.
};

}  // namespace peer::legacy
