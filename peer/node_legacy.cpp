// SPDX-License-Identifier: MIT
// Answers to older programs (p2p-protocol(7), OLDER PROGRAMS).
#include <algorithm>
#include <map>
#include <vector>

#include "peer/legacy/limits.h"
#include "peer/node.h"

namespace peer {
namespace {

constexpr std::size_t kMaxLegacy = 8;
/// Of one address, when others want a place.
constexpr std::size_t kMaxLegacyOfOne = 4;
constexpr net::Duration kLegacyWarnInterval = std::chrono::minutes(1);
/// The whole catalog is looked at once in this time at most, however it changes and whoever asks.
constexpr net::Duration kLegacyListInterval = std::chrono::seconds(1);
/// Contents looked at for one batch of an answer: most may be gone.
constexpr std::size_t kMostLookedAt = 1024;

}  // namespace

void Node::begin_legacy(net::TimePoint now, Connection& connection) {
  if (!legacy_place(now, connection.remote.address)) return close(now, connection.id, wire::ErrorCode::kBusy);
  connection.stage = Connection::Stage::kLegacy;
  connection.legacy.emplace(std::move(connection.session->queue()), connection.session->unread(), now);
  connection.session.reset();
  process_legacy(now, connection.id);
}

bool Node::legacy_place(net::TimePoint now, const net::IpAddress& address) {
  std::map<net::IpAddress, std::vector<ConnectionId>> places;
  std::size_t taken = 0;
  for (const auto& [id, peer] : connections_) {
    if (peer->connection.stage != Connection::Stage::kLegacy) continue;
    places[peer->connection.remote.address].push_back(id);
    ++taken;
  }
  if (taken < kMaxLegacy) return true;
  if (places[address].size() >= kMaxLegacyOfOne) return false;
  for (const auto& [other, connections] : places) {
    if (connections.size() <= kMaxLegacyOfOne) continue;
    close(now, connections.back(), wire::ErrorCode::kBusy);
    return true;
  }
  return false;
}

void Node::process_legacy(net::TimePoint now, ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  switch (connection->legacy->next_request()) {
    case legacy::RequestReader::Request::kNone:
      return;
    case legacy::RequestReader::Request::kQuit:
    case legacy::RequestReader::Request::kUnknown:
      return close(now, id, wire::ErrorCode::kNone);
    case legacy::RequestReader::Request::kFiles:
      return answer_legacy(now, *connection);
  }
}

void Node::answer_legacy(net::TimePoint now, Connection& connection) {
  const bool outdated = !legacy_shared_ || legacy_shared_->revision != library_.catalog().revision();
  net::TimePoint at = connection.legacy->next_answer();
  if (outdated && legacy_shared_) at = std::max(at, legacy_listed_at_ + kLegacyListInterval);
  if (at > now) return connection.legacy->postpone(at);
  if (outdated) {
    legacy_shared_ = std::make_shared<legacy::SharedContents>(legacy::shared_contents(library_));
    legacy_listed_at_ = now;
  }
  if (!legacy_shared_->too_much) return connection.legacy->begin_answer(now, legacy_shared_);
  warn_of_legacy(now, connection);
  close(now, connection.id, wire::ErrorCode::kRefused);
}

void Node::feed_legacy(net::TimePoint now, Connection& connection) {
  legacy::ServerSession& session = *connection.legacy;
  for (std::size_t looked = 0; looked < kMostLookedAt && !session.full(); ++looked) {
    const files::ContentId* next = session.next();
    if (next == nullptr) return session.end_answer();
    const files::ContentId id = *next;
    if (std::shared_ptr<const net::SendSource> source = library_.open(id)) {
      session.add(std::move(source));
      if (id.length > 0) ledger_.queued(connection.id, party_of(connection), id, id.length, now);
    } else if (library_.has(id)) {
      // It cannot be opened, for want of descriptors: a list without it would be wrong.
      return close(now, connection.id, wire::ErrorCode::kRefused);
    } else {
      session.pass();
    }
  }
}

void Node::legacy_sent(net::TimePoint now, Connection& connection) {
  connection.legacy->sent(now);
  if (connection.legacy->hungry()) return feed_legacy(now, connection);
  process_legacy(now, connection.id);
}

void Node::expire_legacy(net::TimePoint now, Connection& connection) {
  if (connection.legacy->deadline() > now) return;
  if (connection.legacy->hungry()) return feed_legacy(now, connection);
  if (connection.legacy->postponed()) return answer_legacy(now, connection);
  close(now, connection.id, wire::ErrorCode::kTimeout);
}

void Node::warn_of_legacy(net::TimePoint now, const Connection& connection) {
  if (legacy_warned_at_ && now < *legacy_warned_at_ + kLegacyWarnInterval) return;
  legacy_warned_at_ = now;
  outbox_.push_back(Warn{"the older program at " + connection.remote.to_string() +
                         " is sent no files: what is in shared/ is more than 16 MiB or " +
                         std::to_string(legacy::kMaxItems) + " files"});
}

}  // namespace peer
