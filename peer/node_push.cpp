// SPDX-License-Identifier: MIT
// What is pushed: offers of this peer to others, and of others to this one.
#include <algorithm>
#include <utility>

#include "net/check.h"
#include "peer/node.h"

namespace peer {
namespace {

/// Without a byte for this long, and without anybody who has it, what was pushed is given up.
constexpr net::Duration kPatience = std::chrono::seconds(30);
/// The same where somebody says to have it: a busy peer may let others wait.
constexpr net::Duration kPatienceWithSources = std::chrono::minutes(2);

}  // namespace

// --- what others push ---

void Node::answer(net::TimePoint now, Connection& connection, const wire::Offer& offer) {
  wire::ErrorCode code = wire::ErrorCode::kRefused;
  if (inbox_) {
    code = inbox_->offered(now, connection.id, connection.remote.address, offer, library_.catalog(),
                           config_.accept_push->free_space());
  }
  const bool accepted = code == wire::ErrorCode::kNone;
  connection.session->send(wire::OfferAnswer{offer.request, accepted, code});
  if (!accepted) return;
  // What is being fetched already has one source more.
  std::vector<TransferId> fed;
  for (auto& [id, transfer] : transfers_) {
    if (transfer->ended() || !inbox_->offers(connection.id, transfer->request().id)) continue;
    transfer->source_complete(connection.id);
    fed.push_back(id);
  }
  push_at_ = net::TimePoint{};
  for (TransferId id : fed) drive(now, id);
}

bool Node::offered_by(const Connection& connection, const files::ContentId& content) const {
  return inbox_ && inbox_->offers(connection.id, content);
}

void Node::end_pushed(TransferId id, const Pushed& pushed) {
  const swarm::Transfer& transfer = *transfers_.at(id);
  swarm::OfferInbox::Outcome outcome;
  outcome.moved = transfer.bytes_fetched();
  if (transfer.state() == swarm::Transfer::State::kDone) {
    outcome.there = transfer.result().already_there;
  } else {
    outcome.code = pushed.given_up.empty() ? wire::ErrorCode::kFailed : wire::ErrorCode::kNotFound;
    outcome.text = pushed.given_up.empty() ? transfer.error() : pushed.given_up;
  }
  inbox_->ended(pushed.key, outcome);
}

void Node::look_at_pushed(net::TimePoint now) {
  for (auto at = pushed_.begin(); at != pushed_.end();) {
    auto& [id, pushed] = *at;
    const swarm::Transfer& transfer = *transfers_.at(id);
    const bool has_source = transfer.source_count() > 0;
    if (transfer.state() == swarm::Transfer::State::kFetching &&
        now - transfer.last_progress() >= (has_source ? kPatienceWithSources : kPatience)) {
      pushed.given_up = has_source ? "those that offer it have sent nothing for minutes"
                                   : "nobody that has it can be reached any more";
      cancel(now, id);
    }
    if (!transfer.ended()) {
      inbox_->progressed(pushed.key, transfer.bytes_done(), transfer.bytes_fetched(), transfer.paused());
      ++at;
      continue;
    }
    end_pushed(id, pushed);
    forget(id);
    at = pushed_.erase(at);
  }
}

void Node::look_at_inbox(net::TimePoint now) {
  push_at_.reset();
  if (!inbox_ || shut_down_) return;
  for (const swarm::OfferInbox::Key& key : inbox_->take_unwanted()) {
    auto found = std::find_if(pushed_.begin(), pushed_.end(), [&](const auto& p) { return p.second.key == key; });
    if (found != pushed_.end()) cancel(now, found->first);
  }
  look_at_pushed(now);
  while (auto entry = inbox_->begin()) {
    if (entry->kind == files::CatalogEntry::Kind::kFolder) {
      const FolderId id = order_folder({0, entry->path, "", entry->mtime_s, entry->mode, true});
      pushed_folders_[id] = entry->path;
      continue;
    }
    const TransferId transfer = fetch(now, {entry->id, "", entry->path, entry->mtime_s, entry->mode, true, true});
    pushed_[transfer].key = swarm::OfferInbox::key_of(*entry);
  }
  for (const auto& [connection_id, status] : inbox_->take_statuses(now)) {
    Connection* connection = find(connection_id);
    if (connection == nullptr) continue;
    connection->used = now;
    connection->session->send(status);
  }
  push_at_ = inbox_->deadline();
}

FolderId Node::order_folder(MakeFolder folder) {
  folder.id = ++last_folder_;
  outbox_.push_back(std::move(folder));
  return last_folder_;
}

FolderId Node::make_folder(MakeFolder folder) {
  const FolderId id = order_folder(std::move(folder));
  made_folders_.emplace(id, std::nullopt);
  return id;
}

std::optional<MadeFolder> Node::take_made_folder(FolderId id) {
  const auto made = made_folders_.find(id);
  if (made == made_folders_.end() || !made->second) return std::nullopt;
  return made_folders_.extract(made).mapped();
}

void Node::folder_made(net::TimePoint, FolderId id, MadeFolder result) {
  if (const auto asked = made_folders_.find(id); asked != made_folders_.end()) {
    asked->second = std::move(result);
    return;
  }
  const auto pushed = pushed_folders_.extract(id);
  if (pushed.empty()) return;
  swarm::OfferInbox::Outcome outcome;
  outcome.there = result.there;
  if (!result.error.empty()) {
    outcome.code = wire::ErrorCode::kFailed;
    outcome.text = std::move(result.error);
  }
  inbox_->ended({{}, pushed.mapped(), files::CatalogEntry::Kind::kFolder}, outcome);
  push_at_ = net::TimePoint{};
}

// --- what we push ---

OfferId Node::offer(net::TimePoint now, ConnectionId id, std::vector<files::CatalogEntry> entries) {
  Connection& connection = get(id);
  CHECK(connection.stage == Connection::Stage::kOpen);
  SentOffer& sent = sent_offers_[++last_offer_];
  sent.connection = id;
  sent.request = connection.next_request();
  sent.heard_at = now;
  for (const files::CatalogEntry& entry : entries) sent.bytes += entry.id.length;
  connection.session->send(wire::Offer{sent.request, std::move(entries), 0});
  return last_offer_;
}

const Node::SentOffer* Node::sent_offer(OfferId id) const {
  auto found = sent_offers_.find(id);
  return found == sent_offers_.end() ? nullptr : &found->second;
}

void Node::withdraw(OfferId id) {
  auto found = sent_offers_.find(id);
  if (found == sent_offers_.end()) return;
  const SentOffer& sent = found->second;
  Connection* connection = find(sent.connection);
  if (connection != nullptr && !sent.ended()) connection->session->send(wire::Cancel{sent.request});
  sent_offers_.erase(found);
}

Node::SentOffer* Node::sent_offer_on(const Connection& connection, std::uint32_t request) {
  for (auto& [id, sent] : sent_offers_) {
    if (sent.connection == connection.id && sent.request == request && !sent.ended()) return &sent;
  }
  return nullptr;
}

void Node::offer_answered(net::TimePoint now, const Connection& connection, const wire::OfferAnswer& answer) {
  SentOffer* sent = sent_offer_on(connection, answer.request);
  if (sent == nullptr || sent->state != SentOffer::State::kAsked) return;
  sent->state = answer.accepted ? SentOffer::State::kAccepted : SentOffer::State::kRefused;
  sent->code = answer.code;
  sent->heard_at = now;
  ++offer_turns_;
}

void Node::offer_status_came(net::TimePoint now, const Connection& connection, wire::OfferStatus status) {
  SentOffer* sent = sent_offer_on(connection, status.request);
  if (sent == nullptr || sent->state != SentOffer::State::kAccepted) return;
  if (status.over) {
    sent->state = SentOffer::State::kOver;
    ++offer_turns_;
  }
  sent->status = std::move(status);
  // Nobody has more of it than there is.
  sent->status.bytes = std::min(sent->status.bytes, sent->bytes);
  sent->status.moved = std::min(sent->status.moved, sent->bytes);
  sent->heard_at = now;
}

/// True when the ERROR was about an offer.
bool Node::offer_refused(const Connection& connection, const wire::Error& error) {
  SentOffer* sent = sent_offer_on(connection, error.request);
  if (sent == nullptr) return false;
  sent->state = SentOffer::State::kRefused;
  sent->code = error.code;
  ++offer_turns_;
  return true;
}

void Node::lose_offers(ConnectionId id) {
  for (auto& [offer, sent] : sent_offers_) {
    if (sent.connection != id || sent.ended()) continue;
    sent.state = SentOffer::State::kLost;
    ++offer_turns_;
  }
  if (!inbox_) return;
  inbox_->connection_lost(id);
  push_at_ = net::TimePoint{};
}

bool Node::is_own(const net::Endpoint& endpoint) const {
  const auto& own = config_.policy.own;
  return std::find(own.begin(), own.end(), endpoint) != own.end() || reached(endpoint) == own_id_;
}

std::optional<NodeId> Node::reached(const net::Endpoint& endpoint) const {
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.stage == Connection::Stage::kOpen && connection.listening == endpoint) return connection.node;
  }
  auto found = reached_.find(endpoint);
  return found == reached_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace peer
