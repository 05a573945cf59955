// SPDX-License-Identifier: MIT
#include "peer/legacy/reply_reader.h"

#include <utility>

namespace peer::legacy {
namespace {

bool begins_list(std::byte byte) { return byte == wire::kPeerListByte || byte == wire::kPeerListByteOld; }

/// The printable bytes that a pickle may begin with, and no entry of a list does.
bool begins_pickle(std::byte byte) {
  return byte == static_cast<std::byte>(Op::kMark) || byte == static_cast<std::byte>(Op::kEmptyList);
}

}  // namespace

void ReplyReader::feed(net::ByteView in) {
  while (state_ == State::kMore && !in.empty()) in = in.subspan(step(in));
}

std::size_t ReplyReader::step(net::ByteView in) {
  if (list_) return step_list(in);
  if (pickle_.consumed() == 0 && begins_list(in.front())) {
    if (++lists_ > kMaxLists) refuse("it sends peer lists on and on");
    list_.emplace();
    at_entry_ = true;
    return 1;
  }
  const std::size_t taken = pickle_.feed(in);
  if (pickle_.state() == PickleReader::State::kDone) state_ = State::kDone;
  if (pickle_.state() == PickleReader::State::kRefused) refuse("its list of files is refused: " + pickle_.error());
  return taken;
}

std::size_t ReplyReader::step_list(net::ByteView in) {
  if (at_entry_ && begins_pickle(in.front())) {
    end_list();
    return 0;
  }
  const std::size_t taken = list_->feed(in.first(1));
  at_entry_ = in.front() == std::byte{','};
  if (list_->state() == wire::PeerGossipParser::State::kTooLong) refuse("it sends a peer list without an end");
  if (list_->state() == wire::PeerGossipParser::State::kDone) end_list();
  return taken;
}

void ReplyReader::end_list() {
  endpoints_.insert(endpoints_.end(), list_->endpoints().begin(), list_->endpoints().end());
  list_.reset();
}

void ReplyReader::end() {
  if (state_ != State::kMore) return;
  if (list_) end_list();
  if (pickle_.consumed() > 0) return refuse("it closed the connection in the middle of its list of files");
  state_ = State::kNothing;
}

void ReplyReader::refuse(std::string why) {
  if (state_ != State::kMore) return;
  state_ = State::kRefused;
  error_ = std::move(why);
}

}  // namespace peer::legacy
