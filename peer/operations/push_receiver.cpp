// SPDX-License-Identifier: MIT
#include "peer/operations/push_receiver.h"

#include <algorithm>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
namespace {

/// Offers under way at a time: the next one is there before the first is over.
constexpr std::size_t kMaxSent = 2;
/// A peer answers an offer at once, and says every 10 s how far it is.
constexpr net::Duration kAnswerTime = std::chrono::seconds(30);
constexpr net::Duration kSilence = std::chrono::seconds(60);
/// A connection that is gone may come again.
constexpr net::Duration kReconnectTime = std::chrono::seconds(10);
constexpr unsigned kMaxLosses = 5;
/// A peer that is busy with other pushes is asked again.
constexpr net::Duration kBusyPause = std::chrono::seconds(1);
constexpr net::Duration kBusyTime = std::chrono::minutes(2);

/// In this time a receiver must get on by kLeastProgress, and by this part of what its own mean rate would give.
constexpr net::Duration kStallTime = std::chrono::minutes(30);
constexpr std::uint64_t kLeastProgress = 256u << 10;
constexpr double kLeastShare = 1.0 / 16;
/// What an entry is worth besides its bytes.
constexpr std::uint64_t kEntryWorth = 4096;

constexpr std::uint32_t kOwnerMayWrite = 0200;

/// Bytes of entries in one offer. Less than fit: receivers exchange what they have of different batches.
constexpr std::size_t kBatchSize = 32 << 10;
static_assert(kBatchSize <= wire::kMaxEntriesSize);

std::string explain(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::kRefused:
      return "it accepts no pushes (serve --accept-push lets it)";
    case wire::ErrorCode::kQuota:
      return "it would be more than the quota that it accepts";
    case wire::ErrorCode::kNoSpace:
      return "its disk has no room for it";
    case wire::ErrorCode::kBusy:
      return "it is busy with other pushes";
    default:
      return "it answers: " + std::string(wire::text_of(code));
  }
}

void add(wire::OfferStatus& sum, const wire::OfferStatus& status) {
  sum.done += status.done;
  sum.there += status.there;
  sum.failed += status.failed;
  sum.bytes += status.bytes;
  sum.moved += status.moved;
  if (sum.code == wire::ErrorCode::kNone) {
    sum.code = status.code;
    sum.text = status.text;
  }
}

}  // namespace

PushBatches::PushBatches(const std::vector<files::CatalogEntry>& all) : entries(all.size()) {
  std::vector<const files::CatalogEntry*> files, folders;
  for (const files::CatalogEntry& entry : all) {
    (entry.kind == files::CatalogEntry::Kind::kFile ? files : folders).push_back(&entry);
    bytes += entry.id.length;
  }
  std::sort(folders.begin(), folders.end(), [](const auto* a, const auto* b) { return a->path > b->path; });
  const auto cut = [this](const std::vector<const files::CatalogEntry*>& entries_of_a_kind) {
    std::size_t size = kBatchSize;
    for (const files::CatalogEntry* entry : entries_of_a_kind) {
      size += wire::encoded_size(*entry);
      if (size > kBatchSize) {
        batches.emplace_back();
        size = wire::encoded_size(*entry);
      }
      batches.back().push_back(*entry);
    }
  };
  cut(files);
  file_batches = batches.size();
  cut(folders);
}

PushReceiver::PushReceiver(const Node::PeerView& peer, std::size_t number, net::TimePoint now)
    : node_(peer.node),
      endpoint_(endpoint_text(peer)),
      name_(peer.name),
      listening_(peer.listening),
      started_(now),
      number_(number),
      mark_at_(now),
      connection_(peer.connection != 0 ? std::optional(peer.connection) : std::nullopt),
      base_bytes_(peer.bytes_out),
      bytes_(peer.bytes_out) {}

void PushReceiver::end(Node& node, const std::string& state, const std::string& error, net::TimePoint now) {
  if (ended()) return;
  state_ = state;
  error_ = error;
  ended_at_ = now;
  sum_ = current_;
  for (const Sent& sent : sent_) node.withdraw(sent.offer);
  sent_.clear();
  if (listening_) node.let_go(*listening_);
}

void PushReceiver::step(Node& node, const Node::PeerView* peer, const PushBatches& what, net::TimePoint now) {
  if (ended()) return;
  if (peer != nullptr) {
    if (connection_ != peer->connection) {
      sent_bytes_ += bytes_ - base_bytes_;
      base_bytes_ = 0;
      connection_ = peer->connection;
    }
    bytes_ = peer->bytes_out;
  }
  look_at_offers(node, now);
  if (ended()) return;
  if (!hold(node, peer != nullptr, now)) return;
  if (peer == nullptr) return lost(node, now);
  lost_at_.reset();
  offer_some(node, *peer, what, now);
  if (!sent_.empty() || !again_.empty() || begun_ < what.batches.size()) {
    if (!stalled(now)) return;
    const std::string why = current_.text.empty() ? "" : ": " + current_.text;
    return end(node, current_.done > 0 ? "partly" : "failed", "it has got on too little in 30 minutes" + why, now);
  }
  const bool whole = sum_.done == what.entries;
  end(node, whole ? "done" : sum_.done > 0 ? "partly" : "failed", sum_.text, now);
  if (error_.empty() && !whole) error_ = explain(sum_.code);
}

bool PushReceiver::stalled(net::TimePoint now) {
  const std::uint64_t progress = current_.bytes + kEntryWorth * (current_.done + current_.failed);
  if (progress > progress_) {
    progress_ = progress;
    // What it had before tells nothing of how fast it is.
    const double mean_rate = static_cast<double>(current_.moved) / std::max(net::to_seconds(now - started_), 1.0);
    const auto by_its_rate = static_cast<std::uint64_t>(mean_rate * net::to_seconds(kStallTime) * kLeastShare);
    if (progress_ - mark_ >= std::max(kLeastProgress, by_its_rate)) {
      mark_ = progress_;
      mark_at_ = now;
    }
  }
  return now - mark_at_ >= kStallTime;
}

/// Sees to it that there is a connection. False while its turn to have one has not come.
bool PushReceiver::hold(Node& node, bool connected, net::TimePoint now) {
  // What the user named is dialled again anyhow, whether it listens or not.
  if (!listening_ || node.hold(now, *listening_, node_) || connected || connection_) return true;
  mark_at_ = now;
  return false;
}

/// There is no connection: waits a little for one.
void PushReceiver::lost(Node& node, net::TimePoint now) {
  if (!lost_at_) {
    lost_at_ = now;
    if (connection_ && ++losses_ > kMaxLosses) return end(node, "failed", "its connection breaks again and again", now);
  }
  if (now - *lost_at_ >= kReconnectTime)
    end(node, "failed", connection_ ? "the connection to it was lost" : "it cannot be reached any more", now);
}

void PushReceiver::offer_some(Node& node, const Node::PeerView& peer, const PushBatches& what, net::TimePoint now) {
  if (now < offer_again_at_) return;
  while (sent_.size() < kMaxSent) {
    const auto batch = next_batch(what);
    if (!batch) return;
    std::vector<files::CatalogEntry> entries = what.batches[*batch];
    // What is missing may still come, so nothing is closed to it.
    if (sum_.failed > 0 && *batch >= what.file_batches) {
      for (files::CatalogEntry& entry : entries) entry.mode |= kOwnerMayWrite;
    }
    sent_.push_back({node.offer(now, peer.connection, std::move(entries)), *batch});
  }
}

std::optional<std::size_t> PushReceiver::next_batch(const PushBatches& what) {
  if (!again_.empty()) {
    const std::size_t batch = again_.front();
    again_.pop_front();
    return batch;
  }
  if (begun_ < what.file_batches) return (number_ + begun_++) % what.file_batches;
  // A folder has its time for good when all that is in it is there.
  const auto of_folders = [&](const Sent& sent) { return sent.batch >= what.file_batches; };
  if (begun_ == what.batches.size() || !std::all_of(sent_.begin(), sent_.end(), of_folders)) return std::nullopt;
  return begun_++;
}

void PushReceiver::look_at_offers(Node& node, net::TimePoint now) {
  const std::uint64_t before = current_.bytes;
  std::vector<Sent> kept;
  for (const Sent& sent : std::exchange(sent_, {})) {
    if (ended()) {
      node.withdraw(sent.offer);
    } else if (look_at(node, sent, now)) {
      kept.push_back(sent);
    }
  }
  if (ended()) {
    for (const Sent& sent : kept) node.withdraw(sent.offer);
    return;
  }
  sent_ = std::move(kept);
  current_ = sum_;
  for (const Sent& sent : sent_) {
    add(current_, node.sent_offer(sent.offer)->status);
  }
  if (current_.bytes > before) rate_.add(current_.bytes - before, now);
}

bool PushReceiver::look_at(Node& node, const Sent& sent, net::TimePoint now) {
  using State = Node::SentOffer::State;
  const Node::SentOffer* offer = node.sent_offer(sent.offer);
  CHECK(offer != nullptr);
  const net::Duration quiet = now - offer->heard_at;
  switch (offer->state) {
    case State::kAsked:
      if (quiet < kAnswerTime) return true;
      end(node, "failed", "no answer to the offer", now);
      return true;
    case State::kAccepted:
      busy_since_.reset();
      if (quiet < kSilence) return true;
      end(node, "failed", "it has said nothing for a minute", now);
      return true;
    case State::kRefused:
      return refused(node, sent, offer->code, now);
    case State::kLost:
      again_.push_back(sent.batch);
      break;
    case State::kOver: {
      wire::OfferStatus last = offer->status;
      // What is over waits for nothing any more.
      if (last.failed == 0) last.code = wire::ErrorCode::kNone;
      add(sum_, last);
      break;
    }
  }
  node.withdraw(sent.offer);
  return false;
}

bool PushReceiver::refused(Node& node, const Sent& sent, wire::ErrorCode code, net::TimePoint now) {
  node.withdraw(sent.offer);
  if (code == wire::ErrorCode::kBusy && (!busy_since_ || now - *busy_since_ < kBusyTime)) {
    if (!busy_since_) busy_since_ = now;
    offer_again_at_ = now + kBusyPause;
    again_.push_back(sent.batch);
    return false;
  }
  end(node, current_.done > 0 ? "partly" : "refused", explain(code), now);
  return false;
}

ReceiverProgress PushReceiver::progress(const PushBatches& what, net::TimePoint now) const {
  ReceiverProgress line;
  line.peer = endpoint_;
  line.name = name_;
  line.done = std::min(current_.bytes, what.bytes);
  line.total = what.bytes;
  line.rate = static_cast<std::uint64_t>(rate_.per_second(now));
  if (line.rate > 0) line.eta = (line.total - line.done) / line.rate;
  const bool waits = current_.failed == 0 && current_.code != wire::ErrorCode::kNone;
  line.state = waits ? "paused" : current_.bytes + current_.done > 0 ? "fetching" : "asked";
  return line;
}

Receiver PushReceiver::result(const PushBatches& what) const {
  CHECK(ended());
  Receiver line;
  line.peer = endpoint_;
  line.name = name_;
  line.node = net::to_hex(node_);
  line.state = state_;
  line.files = std::min<std::uint64_t>(sum_.done, what.entries);
  line.there = std::min<std::uint64_t>(sum_.there, line.files);
  line.failed = what.entries - line.files;
  line.bytes = sum_.bytes;
  line.moved = sum_.moved;
  line.sent = sent_bytes_ + bytes_ - base_bytes_;
  line.seconds = net::to_seconds(ended_at_ - started_);
  line.error = error_;
  return line;
}

}  // namespace peer::operations
