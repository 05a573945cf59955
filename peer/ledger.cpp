// SPDX-License-Identifier: MIT
#include "peer/ledger.h"

#include <algorithm>

namespace peer {

// --- downloads ---

void Ledger::came(TransferId transfer, const NodeId& from, const Party& party, std::uint64_t bytes,
                  net::TimePoint now) {
  auto& sources = sources_[transfer];
  if (sources.size() >= kMaxSources && !sources.contains(from)) return;
  Source& source = sources[from];
  source.party = party;
  source.rate.add(bytes, now);
}

void Ledger::verified(TransferId transfer, const NodeId& from, std::uint64_t bytes) {
  auto sources = sources_.find(transfer);
  if (sources == sources_.end()) return;
  auto source = sources->second.find(from);
  if (source != sources->second.end()) source->second.bytes += bytes;
}

std::vector<Ledger::Portion> Ledger::sources(TransferId transfer, net::TimePoint now) const {
  std::vector<Portion> portions;
  auto sources = sources_.find(transfer);
  if (sources == sources_.end()) return portions;
  for (const auto& [node, source] : sources->second) {
    portions.push_back({source.party, source.bytes, source.rate.per_second(now)});
  }
  std::stable_sort(portions.begin(), portions.end(),
                   [](const Portion& a, const Portion& b) { return a.bytes > b.bytes; });
  return portions;
}

void Ledger::end(TransferId transfer, Fetched record, net::TimePoint now) {
  record.sources = sources(transfer, now);
  std::erase_if(record.sources, [](const Portion& portion) { return portion.bytes == 0; });
  sources_.erase(transfer);
  if (fetched_.size() < kMaxRecords) fetched_.push_back(std::move(record));
}

// --- uploads ---

void Ledger::queued(ConnectionId connection, const Party& party, const files::ContentId& id, std::uint64_t bytes,
                    net::TimePoint now) {
  Taker& taker = takers_[connection];
  taker.party = party;
  auto found = taker.entries.find(id);
  if (found == taker.entries.end()) {
    if (taker.entries.size() >= kMaxTaken) {
      auto oldest = std::min_element(taker.entries.begin(), taker.entries.end(),
                                     [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
      record(taker, oldest->first, oldest->second, Taken::State::kPart);
      taker.entries.erase(oldest);
    }
    found = taker.entries.emplace(id, Entry()).first;
    found->second.since = now;
  }
  Entry& entry = found->second;
  entry.waiting += bytes;
  entry.last = now;
  entry.interested = true;
  taker.queue.emplace_back(id, bytes);
  taker.waiting += bytes;
  if (!look_at_) look_at_ = now + kIdle;
}

void Ledger::unsent(ConnectionId connection, std::uint64_t bytes, net::TimePoint now) {
  auto found = takers_.find(connection);
  if (found == takers_.end()) return;
  Taker& taker = found->second;
  while (taker.waiting > bytes && !taker.queue.empty()) {
    auto& [id, left] = taker.queue.front();
    const std::uint64_t gone = std::min(left, taker.waiting - bytes);
    taker.waiting -= gone;
    left -= gone;
    // It is not there any more where the peer takes very many at a time.
    if (auto entry = taker.entries.find(id); entry != taker.entries.end()) {
      entry->second.bytes += gone;
      entry->second.waiting -= std::min(entry->second.waiting, gone);
      entry->second.rate.add(gone, now);
      entry->second.last = now;
      if (left == 0) settle(taker, entry, now);
    }
    if (left == 0) taker.queue.pop_front();
  }
}

void Ledger::not_interested(ConnectionId connection, const files::ContentId& id, net::TimePoint now) {
  auto taker = takers_.find(connection);
  if (taker == takers_.end()) return;
  auto entry = taker->second.entries.find(id);
  if (entry == taker->second.entries.end()) return;
  entry->second.interested = false;
  settle(taker->second, entry, now);
}

void Ledger::closed(ConnectionId connection, net::TimePoint now) {
  auto found = takers_.find(connection);
  if (found == takers_.end()) return;
  for (auto& [id, entry] : found->second.entries) {
    entry.last = now;
    record(found->second, id, entry, entry.bytes >= id.length ? Taken::State::kWhole : Taken::State::kClosed);
  }
  takers_.erase(found);
}

Ledger::Taken Ledger::describe(const Party& party, const files::ContentId& id, const Entry& entry, net::TimePoint now) {
  return {party, id, entry.bytes, entry.rate.per_second(now), now - entry.since, Taken::State::kRunning};
}

std::vector<Ledger::Taken> Ledger::taken(net::TimePoint now) const {
  std::vector<Taken> all;
  for (const auto& [connection, taker] : takers_) {
    for (const auto& [id, entry] : taker.entries) all.push_back(describe(taker.party, id, entry, now));
  }
  return all;
}

// --- the end ---

void Ledger::record(const Taker& taker, const files::ContentId& id, const Entry& entry, Taken::State state) {
  if (entry.bytes == 0 || ended_.size() >= kMaxRecords) return;
  ended_.push_back(describe(taker.party, id, entry, entry.last));
  ended_.back().state = state;
}

Ledger::Entries::iterator Ledger::settle(Taker& taker, Entries::iterator at, net::TimePoint now) {
  auto& [id, entry] = *at;
  const bool whole = entry.bytes >= id.length;
  if (entry.waiting == 0 && (whole || !entry.interested || now - entry.last >= kIdle)) {
    record(taker, id, entry, whole ? Taken::State::kWhole : Taken::State::kPart);
    return taker.entries.erase(at);
  }
  if (now - entry.since >= kLongest) {
    record(taker, id, entry, Taken::State::kRunning);
    entry.bytes = 0;
    entry.since = now;
  }
  return std::next(at);
}

void Ledger::expire(net::TimePoint now) {
  if (!look_at_ || *look_at_ > now) return;
  look_at_.reset();
  for (auto taker = takers_.begin(); taker != takers_.end();) {
    Entries& entries = taker->second.entries;
    for (auto entry = entries.begin(); entry != entries.end();) entry = settle(taker->second, entry, now);
    taker = entries.empty() && taker->second.queue.empty() ? takers_.erase(taker) : std::next(taker);
  }
  if (!takers_.empty()) look_at_ = now + kIdle;
}

}  // namespace peer
