// SPDX-License-Identifier: MIT
#include "peer/operations/push.h"

#include <algorithm>
#include <utility>

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
namespace {

/// How often the receivers are looked at while no offer is answered or ends; a pass of the loop is much shorter.
constexpr net::Duration kLookInterval = std::chrono::milliseconds(50);
constexpr net::Duration kTellInterval = std::chrono::milliseconds(500);
/// A host that was named and does not answer is given up after this (Node gives a dial up after 5 s).
constexpr net::Duration kReachTime = std::chrono::seconds(7);

}  // namespace

Push::Push(Node& node, std::shared_ptr<const files::PushContents> contents, PushTargets targets, net::TimePoint now)
    : node_(node), contents_(std::move(contents)), targets_(std::move(targets)), discovery_(node, now), started_(now) {
  for (const net::Endpoint& endpoint : targets_.endpoints) node_.hint(now, endpoint, members::HintSource::kUser);
}

void Push::step(net::TimePoint now) {
  const bool turned = std::exchange(seen_turns_, node_.offer_turns()) != node_.offer_turns();
  const bool begins = !what_ && contents_->ready();
  if (look_at_ && now < *look_at_ && !turned && !begins) return;
  look_at_ = now + kLookInterval;
  if (!what_ && !begin(now)) return;
  if (!found_all_ && targets_.all) discovery_.look_on(now);
  const std::vector<Node::PeerView> peers = node_.everybody();
  if (!found_all_) find_receivers(peers, now);
  step_receivers(peers, now);
  if (found_all_ && told_ == receivers_.size()) end(now);
}

void Push::cancel(net::TimePoint now) {
  cancelled_ = true;
  found_all_ = true;
  for (auto& [receiver, told] : receivers_) receiver.end(node_, "stopped", "push again to go on", now);
  if (what_) {
    step_receivers({}, now);
  } else {
    emit(to_json_line(Error{"stopped before anything was offered"}));
  }
  end(now);
}

/// True once the contents are there and told of.
bool Push::begin(net::TimePoint now) {
  if (!contents_->ready()) {
    if (progress_at_ && now < *progress_at_) return false;
    progress_at_ = now + kTellInterval;
    const files::PushContents::Progress progress = contents_->progress();
    Progress line;
    line.path = "to be pushed";
    line.done = progress.done;
    line.total = progress.total;
    line.state = "hashing";
    emit(to_json_line(line));
    return false;
  }
  for (const auto& item : contents_->left_out()) emit(to_json_line(LeftOut{item.path, item.reason, item.failed}));
  if (!contents_->error().empty()) {
    emit(to_json_line(Error{contents_->error()}));
    end(now);
    return false;
  }
  what_.emplace(contents_->entries());
  progress_at_.reset();
  emit(to_json_line(PushBegun{what_->entries, what_->bytes, contents_->left_out().size()}));
  return true;
}

// --- who ---

void Push::find_receivers(const std::vector<Node::PeerView>& peers, net::TimePoint now) {
  if (!targets_.all) {
    std::erase_if(targets_.endpoints,
                  [&](const net::Endpoint& endpoint) { return find_endpoint(endpoint, peers, now); });
    found_all_ = targets_.endpoints.empty();
    return;
  }
  for (const Node::PeerView& peer : peers) {
    if (peer.listening && !peer.transient) add_receiver(peer, now);
  }
  found_all_ = discovery_.state(now) == Discovery::State::kSettled;
}

/// True when it needs no more looking for.
bool Push::find_endpoint(const net::Endpoint& endpoint, const std::vector<Node::PeerView>& peers, net::TimePoint now) {
  if (node_.is_own(endpoint)) {
    unreachable(endpoint, "that is the peer that pushes; name others");
    return true;
  }
  if (const auto node = node_.reached(endpoint)) {
    for (const Node::PeerView& peer : peers) {
      if (peer.node != *node) continue;
      add_receiver(peer, now);
      return true;
    }
  }
  auto failure = node_.failures().find(endpoint);
  const bool failed = failure != node_.failures().end();
  // What failed before the push may succeed now.
  if (now - started_ < (failed ? kReachTime / 2 : kReachTime)) return false;
  unreachable(endpoint, failed ? failure->second : "no answer");
  return true;
}

void Push::add_receiver(const Node::PeerView& peer, net::TimePoint now) {
  if (nodes_.insert(peer.node).second) receivers_.push_back({PushReceiver(peer, receivers_.size(), now)});
}

void Push::unreachable(const net::Endpoint& endpoint, const std::string& error) {
  Receiver line;
  line.peer = endpoint.to_string();
  line.state = "unreachable";
  line.failed = what_->entries;
  line.error = error;
  ++unreachable_;
  emit(to_json_line(line));
}

// --- how far ---

void Push::step_receivers(const std::vector<Node::PeerView>& peers, net::TimePoint now) {
  const bool tell = !progress_at_ || *progress_at_ <= now;
  if (tell) progress_at_ = now + kTellInterval;
  for (Watched& watched : receivers_) {
    if (watched.told) continue;
    PushReceiver& receiver = watched.receiver;
    auto peer = std::find_if(peers.begin(), peers.end(), [&](const auto& p) { return p.node == receiver.node(); });
    const bool connected = peer != peers.end() && peer->connection != 0;
    receiver.step(node_, connected ? &*peer : nullptr, *what_, now);
    if (!receiver.ended() && !contents_->changed().empty()) {
      receiver.end(node_, "failed", contents_->changed() + " changed while it was pushed; push it again", now);
    }
    if (receiver.ended()) {
      watched.told = true;
      tell_result(receiver);
    } else if (tell) {
      emit(to_json_line(receiver.progress(*what_, now)));
    }
  }
}

void Push::tell_result(const PushReceiver& receiver) {
  const Receiver line = receiver.result(*what_);
  ++told_;
  if (line.state == "done") ++complete_;
  if (line.files > 0) ++reached_some_;
  moved_ += line.moved;
  emit(to_json_line(line));
}

// --- the end ---

int Push::exit_status_now() const {
  if (!what_) return kExitFailed;
  if (receivers_.empty()) return cancelled_ ? kExitFailed : kExitNoPeer;
  if (reached_some_ == 0) return kExitFailed;
  const auto& left_out = contents_->left_out();
  const bool everything = std::none_of(left_out.begin(), left_out.end(), [](const auto& item) { return item.failed; });
  return everything && complete_ == receivers_.size() && unreachable_ == 0 && targets_.endpoints.empty() ? kExitDone
                                                                                                         : kExitSome;
}

void Push::end(net::TimePoint now) {
  Summary summary;
  summary.exit = exit_status_now();
  if (summary.exit == kExitNoPeer && unreachable_ == 0) emit(to_json_line(no_peer_reached(node_)));
  summary.files = what_ ? what_->entries : 0;
  summary.peers = receivers_.size() + unreachable_ + targets_.endpoints.size();
  summary.failed = summary.peers - complete_;
  summary.bytes = moved_;
  summary.seconds = net::to_seconds(now - started_);
  emit(to_json_line(summary));
  finish(summary.exit);
}

}  // namespace peer::operations
