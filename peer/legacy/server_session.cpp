// SPDX-License-Identifier: MIT
#include "peer/legacy/server_session.h"

#include <utility>

#include "net/check.h"
#include "peer/legacy/pickle_writer.h"

namespace peer::legacy {
namespace {

/// Requests are short, and whoever sends more of them waits.
constexpr std::size_t kReadSize = 64;

}  // namespace

std::span<std::byte> ServerSession::space() {
  if (stage_ != Stage::kReading || input_at_ < input_end_) return {};
  input_at_ = input_end_ = 0;
  input_.resize(kReadSize);
  return input_;
}

RequestReader::Request ServerSession::next_request() {
  if (stage_ != Stage::kReading) return RequestReader::Request::kNone;
  net::ByteView in = net::ByteView(input_).subspan(input_at_, input_end_ - input_at_);
  const RequestReader::Request request = requests_.next(in);
  input_at_ = input_end_ - in.size();
  return request;
}

void ServerSession::sent(net::TimePoint now) {
  moved_at_ = now;
  if (!queue_.empty()) return;
  batch_items_ = 0;
  if (stage_ != Stage::kEnding) return;
  stage_ = Stage::kReading;
  contents_.reset();
}

void ServerSession::postpone(net::TimePoint until) {
  CHECK(stage_ == Stage::kReading || stage_ == Stage::kPostponed);
  stage_ = Stage::kPostponed;
  until_ = until;
}

void ServerSession::begin_answer(net::TimePoint now, std::shared_ptr<const SharedContents> contents) {
  CHECK(stage_ == Stage::kReading || stage_ == Stage::kPostponed);
  CHECK(!contents->too_much);
  stage_ = Stage::kAnswering;
  contents_ = std::move(contents);
  at_ = batch_items_ = 0;
  answered_at_ = moved_at_ = now;
  // A batch is far from the bounds of a queue, and the peer list before it is short.
  CHECK(queue_.push(pickle_begin()));
}

const files::ContentId* ServerSession::next() const {
  return at_ < contents_->ids.size() ? &contents_->ids[at_] : nullptr;
}

void ServerSession::add(std::shared_ptr<const net::SendSource> source) {
  CHECK(stage_ == Stage::kAnswering);
  const std::uint64_t length = next()->length;
  ++at_;
  ++batch_items_;
  CHECK(queue_.push(pickle_item_header(static_cast<std::uint32_t>(length))));
  if (length > 0) CHECK(queue_.push(net::FileRange{std::move(source), 0, length}));
}

void ServerSession::end_answer() {
  CHECK(stage_ == Stage::kAnswering);
  stage_ = Stage::kEnding;
  CHECK(queue_.push(pickle_end()));
}

net::TimePoint ServerSession::deadline() const {
  if (hungry()) return net::TimePoint{};
  if (postponed()) return until_;
  return moved_at_ + (stage_ == Stage::kReading ? kIdle : kStuck);
}

}  // namespace peer::legacy
