// SPDX-License-Identifier: MIT
#include "peer/members/peer_table.h"

#include <algorithm>

namespace peer::members {
namespace {
/// Failed dials in a row after which nobody is expected to answer before the next one is due.
constexpr unsigned kFailuresToExpectNobody = 3;
}  // namespace

PeerTable::PeerTable(Limits limits, std::uint64_t seed) : limits_(limits), random_(seed) {}

// --- indexes --------------------------------------------------------------------------------------------------------

PeerTable::Worth PeerTable::worth(const net::Endpoint& endpoint, const Entry& entry) {
  return {!entry.known, entry.source, entry.failures, endpoint};
}

void PeerTable::add_to_indexes(const net::Endpoint& endpoint, const Entry& entry) {
  if (waited_for(entry)) ++untested_;
  if (entry.state == State::kDialling) ++dialling_;
  if (entry.state == State::kConnected) connected_.insert(endpoint);
  if (idle(entry)) spendable_.insert(worth(endpoint, entry));
  if (idle(entry) && entry.due) {
    if (entry.tried) {
      retries_.emplace(*entry.due, endpoint);
    } else {
      fresh_.emplace(entry.source, *entry.due, endpoint);
    }
  }
  if (entry.via && !entry.known) count_for_teller(*entry.via, endpoint, true);
}

void PeerTable::remove_from_indexes(const net::Endpoint& endpoint, const Entry& entry) {
  if (waited_for(entry)) --untested_;
  if (entry.state == State::kDialling) --dialling_;
  if (entry.state == State::kConnected) connected_.erase(endpoint);
  if (idle(entry)) spendable_.erase(worth(endpoint, entry));
  if (idle(entry) && entry.due) {
    if (entry.tried) {
      retries_.erase({*entry.due, endpoint});
    } else {
      fresh_.erase({entry.source, *entry.due, endpoint});
    }
  }
  if (entry.via && !entry.known) count_for_teller(*entry.via, endpoint, false);
}

void PeerTable::count_for_teller(const net::IpAddress& teller, const net::Endpoint& endpoint, bool add) {
  std::set<net::Endpoint>& told = by_teller_[teller];
  teller_sizes_.erase({told.size(), teller});
  if (add) {
    told.insert(endpoint);
  } else {
    told.erase(endpoint);
  }
  if (told.empty()) {
    by_teller_.erase(teller);
  } else {
    teller_sizes_.emplace(told.size(), teller);
  }
}

template <class Change>
void PeerTable::change(Entries::iterator entry, Change apply) {
  remove_from_indexes(entry->first, entry->second);
  apply(entry->second);
  add_to_indexes(entry->first, entry->second);
}

void PeerTable::erase(Entries::iterator entry) {
  remove_from_indexes(entry->first, entry->second);
  entries_.erase(entry);
}

// --- hints ----------------------------------------------------------------------------------------------------------

bool PeerTable::hint(net::TimePoint now, const net::Endpoint& endpoint, HintSource source,
                     std::optional<net::IpAddress> via) {
  if (auto found = entries_.find(endpoint); found != entries_.end()) {
    take_over(now, found, source);
    return false;
  }
  if (via) {
    auto told = by_teller_.find(*via);
    if (told != by_teller_.end() && told->second.size() >= limits_.hints_per_teller) return false;
  }
  if (entries_.size() >= limits_.entries && !make_room_for_hint(source, via)) return false;
  Entry entry;
  entry.source = source;
  entry.due = now;
  entry.via = std::move(via);
  add_to_indexes(endpoint, entry);
  entries_.emplace(endpoint, std::move(entry));
  return true;
}

void PeerTable::take_over(net::TimePoint now, Entries::iterator entry, HintSource source) {
  const bool hurry = source == HintSource::kUser && entry->second.state == State::kWaiting;
  if (source >= entry->second.source && !hurry) return;
  change(entry, [&](Entry& e) {
    if (source < e.source) {
      e.source = source;
      e.via.reset();
    }
    if (hurry) e.due = now;
  });
}

bool PeerTable::make_room_for_hint(HintSource source, const std::optional<net::IpAddress>& via) {
  if (spendable_.empty()) return false;
  const auto& [unknown, worst_source, worst_failures, worst] = *spendable_.rbegin();
  if (!unknown) return false;
  if (std::make_pair(worst_source, worst_failures) > std::make_pair(source, 0u)) {
    erase(entries_.find(worst));
    return true;
  }
  return take_from_biggest_teller(source, via);
}

bool PeerTable::take_from_biggest_teller(HintSource source, const std::optional<net::IpAddress>& via) {
  if (teller_sizes_.empty()) return false;
  const auto own = via ? by_teller_.find(*via) : by_teller_.end();
  const std::size_t own_size = own == by_teller_.end() ? 0 : own->second.size();
  const auto& [size, teller] = *teller_sizes_.rbegin();
  if (size <= own_size + 1) return false;
  // No more than limits_.dialling of them are passed over as not idle, and hints_per_teller in all.
  for (const net::Endpoint& endpoint : by_teller_.find(teller)->second) {
    auto entry = entries_.find(endpoint);
    if (!idle(entry->second) || entry->second.source < source) continue;
    erase(entry);
    return true;
  }
  return false;
}

// --- dialling -------------------------------------------------------------------------------------------------------

std::optional<net::Endpoint> PeerTable::next_due(net::TimePoint now) {
  const bool fresh = !fresh_.empty();
  const bool retry = !retries_.empty() && retries_.begin()->first <= now;
  if (!fresh && !retry) return std::nullopt;
  const bool take_retry = retry && (retry_next_ || !fresh);
  retry_next_ = !take_retry;
  return take_retry ? retries_.begin()->second : std::get<net::Endpoint>(*fresh_.begin());
}

std::vector<net::Endpoint> PeerTable::take_due(net::TimePoint now, std::size_t budget) {
  std::vector<net::Endpoint> result;
  while (result.size() < budget && dialling_ < limits_.dialling) {
    std::optional<net::Endpoint> endpoint = next_due(now);
    if (!endpoint) break;
    change(entries_.find(*endpoint), [](Entry& e) { e.state = State::kDialling; });
    result.push_back(std::move(*endpoint));
  }
  return result;
}

bool PeerTable::take(const net::Endpoint& endpoint) {
  const auto found = entries_.find(endpoint);
  if (found == entries_.end() || !idle(found->second) || !found->second.due) return false;
  change(found, [](Entry& e) { e.state = State::kDialling; });
  return true;
}

std::optional<net::TimePoint> PeerTable::deadline() const {
  if (dialling_ >= limits_.dialling) return std::nullopt;
  std::optional<net::TimePoint> result;
  if (!fresh_.empty()) result = std::get<net::TimePoint>(*fresh_.begin());
  if (!retries_.empty()) result = net::earlier(result, retries_.begin()->first);
  return result;
}

net::Duration PeerTable::jittered(net::Duration duration) {
  // Not std::uniform_int_distribution: what that gives for a seed differs between standard libraries.
  return duration * (750 + static_cast<net::Duration::rep>(random_() % 501)) / 1000;
}

void PeerTable::failed(net::TimePoint now, const net::Endpoint& endpoint) {
  auto found = entries_.find(endpoint);
  if (found == entries_.end() || found->second.state != State::kDialling) return;
  const Entry& entry = found->second;
  const unsigned failures = entry.failures + 1;
  const unsigned patience = limits_.failures_to_forget * (entry.known ? kPatience : 1);
  const bool given_up = !chosen_by_user(entry.source) && failures >= patience;
  if (entry.source == HintSource::kRumour || given_up) return erase(found);
  net::Duration delay = limits_.first_retry;
  for (unsigned i = 1; i < failures && delay < limits_.last_retry; ++i) delay *= 2;
  change(found, [&](Entry& e) {
    e.state = State::kWaiting;
    e.tried = true;
    e.failures = failures;
    e.due = now + jittered(std::min(delay, limits_.last_retry));
  });
}

void PeerTable::try_all_again(net::TimePoint now, const std::function<bool(const net::Endpoint&)>& suppressed_too) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    const State state = entry->second.state;
    if (state != State::kWaiting && (state != State::kSuppressed || !suppressed_too(entry->first))) continue;
    change(entry, [&](Entry& e) {
      e.state = State::kWaiting;
      e.tried = false;
      e.due = now;
    });
  }
}

void PeerTable::connected(net::TimePoint now, const net::Endpoint& endpoint) {
  auto found = entries_.find(endpoint);
  if (found == entries_.end()) {
    // Where everything is connected or being dialled the table grows: the node bounds how many those are.
    if (entries_.size() >= limits_.entries && !spendable_.empty()) {
      erase(entries_.find(std::get<net::Endpoint>(*spendable_.rbegin())));
    }
    found = entries_.try_emplace(endpoint).first;
    found->second.source = HintSource::kConnection;
    add_to_indexes(endpoint, found->second);
  }
  change(found, [&](Entry& e) {
    e.state = State::kConnected;
    if (e.source == HintSource::kRumour) e.source = HintSource::kConnection;
    e.known = true;
    e.tried = true;
    e.failures = 0;
    e.due = now;
  });
}

void PeerTable::disconnected(net::TimePoint now, const net::Endpoint& endpoint) {
  auto found = entries_.find(endpoint);
  if (found == entries_.end() || found->second.state != State::kConnected) return;
  change(found, [&](Entry& e) {
    e.state = State::kWaiting;
    e.due = now + jittered(limits_.first_retry);
  });
}

void PeerTable::suppress(const net::Endpoint& endpoint, std::optional<net::TimePoint> until) {
  auto found = entries_.find(endpoint);
  if (found == entries_.end()) return;
  change(found, [&](Entry& e) {
    e.state = State::kSuppressed;
    e.tried = true;
    e.due = until;
    if (!until) e.known = false;
  });
}

// --- what is known --------------------------------------------------------------------------------------------------

std::optional<HintSource> PeerTable::source(const net::Endpoint& endpoint) const {
  const auto entry = entries_.find(endpoint);
  return entry == entries_.end() ? std::nullopt : std::optional(entry->second.source);
}

void PeerTable::forget(const net::Endpoint& endpoint) {
  if (auto entry = entries_.find(endpoint); entry != entries_.end()) erase(entry);
}

std::vector<net::Endpoint> PeerTable::connected_endpoints() const { return {connected_.begin(), connected_.end()}; }

std::vector<PeerTable::Idle> PeerTable::idle(net::TimePoint now) const {
  std::vector<Idle> result;
  for (const auto& [endpoint, entry] : entries_) {
    if (!idle(entry) || !entry.due) continue;
    if (entry.failures >= kFailuresToExpectNobody && *entry.due > now) continue;
    result.push_back({endpoint, entry.source, entry.known, entry.via});
  }
  return result;
}

std::vector<net::Endpoint> PeerTable::known_endpoints() const {
  std::vector<net::Endpoint> result;
  for (const auto& [endpoint, entry] : entries_) {
    if (entry.known) result.push_back(endpoint);
  }
  return result;
}

}  // namespace peer::members
