// SPDX-License-Identifier: MIT
#include "peer/legacy/server_session.h"

#include <utility>

#include "net/check.h"
#include "peer/legacy/limits.h"
#include "peer/legacy/pickle_writer.h"

namespace peer::legacy {
namespace {

/// Requests are short, and whoever sends more of them waits.
constexpr std::size_t kReadSize = 64;

}  // namespace

std::span<std::byte> ServerSession::space() {
  if (answering_ || input_at_ < input_end_) return {};
  input_at_ = input_end_ = 0;
  input_.resize(kReadSize);
  return input_;
}

RequestReader::Request ServerSession::next_request() {
  if (answering_) return RequestReader::Request::kNone;
  net::ByteView in = net::ByteView(input_).subspan(input_at_, input_end_ - input_at_);
  const RequestReader::Request request = requests_.next(in);
  input_at_ = input_end_ - in.size();
  return request;
}

void ServerSession::sent(net::TimePoint now) {
  moved_at_ = now;
  if (!queue_.empty()) return;
  batch_items_ = 0;
  if (complete_) answering_ = complete_ = false;
}

void ServerSession::begin_answer(net::TimePoint now) {
  CHECK(!answering_);
  answering_ = true;
  cursor_.clear();
  answer_items_ = batch_items_ = 0;
  answer_size_ = kEmptyPickleSize;
  moved_at_ = now;
  // A batch is far from the bounds of a queue, and the peer list before it is short.
  CHECK(queue_.push(pickle_begin()));
}

bool ServerSession::add_item(std::string path, std::uint64_t length, std::shared_ptr<const net::SendSource> source) {
  CHECK(answering_ && !complete_);
  if (length > kMaxPickle || answer_items_ >= kMaxItems || pickled_size(length) > kMaxPickle - answer_size_) {
    return false;
  }
  answer_size_ += pickled_size(length);
  ++answer_items_;
  ++batch_items_;
  cursor_ = std::move(path);
  CHECK(queue_.push(pickle_item_header(static_cast<std::uint32_t>(length))));
  if (length > 0) CHECK(queue_.push(net::FileRange{std::move(source), 0, length}));
  return true;
}

void ServerSession::end_answer() {
  CHECK(answering_ && !complete_);
  complete_ = true;
  CHECK(queue_.push(pickle_end()));
}

net::TimePoint ServerSession::deadline() const {
  if (hungry()) return net::TimePoint{};
  return moved_at_ + (answering_ ? kStuck : kIdle);
}

}  // namespace peer::legacy
