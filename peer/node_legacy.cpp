// SPDX-License-Identifier: MIT
// Answers to older programs (p2p-protocol(7), OLDER PROGRAMS).
#include <algorithm>

#include "peer/legacy/limits.h"
#include "peer/legacy/pickle_writer.h"
#include "peer/node.h"

namespace peer {
namespace {

constexpr std::ptrdiff_t kMaxLegacy = 8;
constexpr net::Duration kLegacyWarnInterval = std::chrono::minutes(1);
/// Entries looked at for one batch of an answer: most may be none of shared/.
constexpr std::size_t kMostLookedAt = 1024;
constexpr std::size_t kTotalledAtOnce = 1024;

}  // namespace

void Node::begin_legacy(net::TimePoint now, Connection& connection) {
  const auto others = std::count_if(connections_.begin(), connections_.end(), [](const auto& entry) {
    return entry.second->connection.stage == Connection::Stage::kLegacy;
  });
  if (others >= kMaxLegacy) return close(now, connection.id, wire::ErrorCode::kBusy);
  connection.stage = Connection::Stage::kLegacy;
  connection.legacy.emplace(std::move(connection.session->queue()), connection.session->unread(), now);
  connection.session.reset();
  process_legacy(now, connection.id);
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
      break;
  }
  if (legacy_fits()) return connection->legacy->begin_answer(now);
  warn_of_legacy(now, *connection);
  close(now, id, wire::ErrorCode::kRefused);
}

/// Added up once for each revision, as anybody may ask any number of times.
bool Node::legacy_fits() {
  const files::Catalog& catalog = library_.catalog();
  if (legacy_fits_ && legacy_fits_->first == catalog.revision()) return legacy_fits_->second;
  std::uint64_t size = legacy::kEmptyPickleSize;
  std::size_t items = 0;
  std::string cursor;
  for (bool more = true; more && size <= legacy::kMaxPickle && items <= legacy::kMaxItems;) {
    const std::vector<const files::CatalogEntry*> page = catalog.page(cursor, kTotalledAtOnce);
    for (const files::CatalogEntry* entry : page) {
      cursor = entry->path;
      if (entry->kind != files::CatalogEntry::Kind::kFile || !library_.is_shared(*entry)) continue;
      size += legacy::pickled_size(entry->id.length);
      ++items;
    }
    more = !page.empty();
  }
  legacy_fits_.emplace(catalog.revision(), size <= legacy::kMaxPickle && items <= legacy::kMaxItems);
  return legacy_fits_->second;
}

void Node::feed_legacy(net::TimePoint now, Connection& connection) {
  legacy::ServerSession& session = *connection.legacy;
  for (std::size_t looked = 0; looked < kMostLookedAt && !session.full(); ++looked) {
    const std::vector<const files::CatalogEntry*> next = library_.catalog().page(session.cursor(), 1);
    if (next.empty()) return session.end_answer();
    // A copy: opening it may find that it is gone.
    const files::CatalogEntry entry = *next.front();
    if (!add_to_legacy(now, connection, entry)) return close(now, connection.id, wire::ErrorCode::kRefused);
  }
}

bool Node::add_to_legacy(net::TimePoint now, Connection& connection, const files::CatalogEntry& entry) {
  legacy::ServerSession& session = *connection.legacy;
  std::shared_ptr<const net::SendSource> source;
  if (entry.kind == files::CatalogEntry::Kind::kFile && library_.is_shared(entry)) source = library_.open(entry.id);
  if (!source) {
    session.pass(entry.path);
    // One that is there and cannot be opened, for want of descriptors: a list without it would be wrong.
    return entry.kind != files::CatalogEntry::Kind::kFile || !library_.is_shared(entry) || !library_.has(entry.id);
  }
  if (!session.add_item(entry.path, entry.id.length, std::move(source))) {
    warn_of_legacy(now, connection);
    return false;
  }
  if (entry.id.length > 0) ledger_.queued(connection.id, party_of(connection), entry.id, entry.id.length, now);
  return true;
}

void Node::legacy_sent(net::TimePoint now, Connection& connection) {
  connection.legacy->sent(now);
  if (connection.legacy->hungry()) return feed_legacy(now, connection);
  process_legacy(now, connection.id);
}

void Node::expire_legacy(net::TimePoint now, Connection& connection) {
  if (connection.legacy->deadline() > now) return;
  if (connection.legacy->hungry()) return feed_legacy(now, connection);
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
