// SPDX-License-Identifier: MIT
#include "peer/swarm/offer_inbox.h"

#include <algorithm>

#include "net/bytes.h"
#include "net/check.h"
#include "net/utf8.h"

namespace peer::swarm {
namespace {

/// Digests of what was charged that are remembered.
constexpr std::size_t kMaxCounted = 65536;

std::uint64_t cost_of(const files::CatalogEntry& entry) { return std::max(entry.id.length, OfferInbox::kLeastCost); }

net::Sha256 digest_of(const files::CatalogEntry& entry) {
  net::ByteWriter bytes;
  bytes.u8(static_cast<std::uint8_t>(entry.kind)).u64(entry.id.length).bytes(entry.id.root);
  bytes.bytes(net::as_bytes(entry.path));
  return net::sha256(bytes.view());
}

/// The text as far as a message takes it.
std::string fitting(const std::string& text, wire::ErrorCode code) {
  // Cutting it may have cut a character.
  std::string cut = net::to_valid_utf8(text.substr(0, wire::kMaxErrorTextSize));
  return cut.size() > wire::kMaxErrorTextSize ? std::string(wire::text_of(code)) : cut;
}

bool is_here(const files::CatalogEntry& entry, const files::Catalog& here) {
  const files::CatalogEntry* found = here.find(entry.path);
  return found != nullptr && found->kind == entry.kind && found->id == entry.id;
}

}  // namespace

// --- offers ---

std::optional<wire::ErrorCode> OfferInbox::refusal(const OfferKey& key, const net::IpAddress& address,
                                                   const wire::Offer& offer) const {
  if (offer.entries.empty() || offer.dropped > 0 || offers_.contains(key)) return wire::ErrorCode::kMalformed;
  std::size_t of_connection = 0;
  std::size_t of_address = 0;
  for (const auto& [other, open] : offers_) {
    if (other.first == key.first) ++of_connection;
    if (open.address == address) ++of_address;
  }
  if (of_connection >= kMaxOffersPerConnection || of_address >= kMaxOffersPerAddress || offers_.size() >= kMaxOffers) {
    return wire::ErrorCode::kBusy;
  }
  return std::nullopt;
}

/// Charges the quota where there is room; `fresh` is what was charged.
wire::ErrorCode OfferInbox::charge(const wire::Offer& offer, const files::Catalog& here, std::uint64_t free_space,
                                   std::set<net::Sha256>& fresh) {
  // A length is at most 2^42, and an offer has less than 2^16 entries: nothing overflows. (threat T31)
  std::uint64_t needed = 0;
  std::uint64_t charge = 0;
  for (const files::CatalogEntry& entry : offer.entries) {
    if (is_here(entry, here) || items_.contains(key_of(entry))) continue;
    needed += cost_of(entry);
    const net::Sha256 digest = digest_of(entry);
    if (!counted_.contains(digest) && fresh.insert(digest).second) charge += cost_of(entry);
  }
  if (charge > quota_ - used_) return wire::ErrorCode::kQuota;
  if (needed > 0 && needed + waiting_bytes_ > free_space) return wire::ErrorCode::kNoSpace;
  used_ += charge;
  if (counted_.size() + fresh.size() <= kMaxCounted) counted_.insert(fresh.begin(), fresh.end());
  return wire::ErrorCode::kNone;
}

wire::ErrorCode OfferInbox::offered(net::TimePoint now, ConnectionId from, const net::IpAddress& address,
                                    const wire::Offer& offer, const files::Catalog& here, std::uint64_t free_space) {
  const OfferKey key{from, offer.request};
  if (auto code = refusal(key, address, offer)) return *code;
  std::set<net::Sha256> fresh;
  if (auto code = charge(offer, here, free_space, fresh); code != wire::ErrorCode::kNone) return code;

  Open& open = offers_[key];
  open.address = address;
  open.done.request = offer.request;
  open.told = open.done;
  open.told_at = now;
  for (const files::CatalogEntry& entry : offer.entries) {
    // A folder that is here may be so only since what is in it came, and is to get its time.
    if (entry.kind == files::CatalogEntry::Kind::kFile && is_here(entry, here)) {
      ++open.done.done;
      ++open.done.there;
      open.done.bytes += entry.id.length;
      continue;
    }
    ItemPtr& item = items_[key_of(entry)];
    if (!item) {
      item = std::make_shared<Item>();
      item->key = key_of(entry);
      item->entry = entry;
      item->turn = ++last_turn_;
      if (fresh.contains(digest_of(entry))) item->charged = cost_of(entry);
      waiting_bytes_ += cost_of(entry);
    } else if (std::find(item->holders.begin(), item->holders.end(), key) != item->holders.end()) {
      // Twice in one offer: once is enough.
      ++open.done.done;
      ++open.done.there;
      continue;
    }
    hold(item, key);
    open.items.push_back(item);
    ++open.left;
  }
  return wire::ErrorCode::kNone;
}

void OfferInbox::hold(const ItemPtr& item, const OfferKey& key) {
  item->holders.push_back(key);
  ++held_[{key.first, item->key.id}];
  if (!item->running) waiting_[offers_.at(key).address][item->turn] = item;
}

/// One of the item's holders is one no longer.
void OfferInbox::unhold(const Item& item, const OfferKey& key) {
  auto held = held_.find({key.first, item.key.id});
  if (--held->second == 0) held_.erase(held);
}

void OfferInbox::put_in_queues(const ItemPtr& item) {
  for (const OfferKey& holder : item->holders) waiting_[offers_.at(holder).address][item->turn] = item;
}

void OfferInbox::take_out_of_queues(const ItemPtr& item) {
  for (const OfferKey& holder : item->holders) {
    auto queue = waiting_.find(offers_.at(holder).address);
    if (queue == waiting_.end()) continue;
    queue->second.erase(item->turn);
    if (queue->second.empty()) waiting_.erase(queue);
  }
}

/// The offer holds its items no longer. Nobody fetches what nobody wants any more.
void OfferInbox::release(const OfferKey& key, Open& open, bool stop_running) {
  for (const ItemPtr& item : open.items) {
    if (item->ended) continue;
    if (!item->running) take_out_of_queues(item);
    std::erase(item->holders, key);
    unhold(*item, key);
    if (!item->holders.empty()) {
      if (!item->running) put_in_queues(item);
      continue;
    }
    if (!item->running) {
      // Nothing of it came: it costs its sender nothing.
      used_ -= item->charged;
      if (item->charged > 0) counted_.erase(digest_of(item->entry));
      waiting_bytes_ -= cost_of(item->entry);
      items_.erase(item->key);
    } else if (stop_running) {
      unwanted_.push_back(item->key);
    }
  }
}

void OfferInbox::withdrawn(ConnectionId from, std::uint32_t request) {
  auto found = offers_.find({from, request});
  if (found == offers_.end()) return;
  release(found->first, found->second, true);
  offers_.erase(found);
}

void OfferInbox::connection_lost(ConnectionId from) {
  auto at = offers_.lower_bound({from, 0});
  while (at != offers_.end() && at->first.first == from) {
    release(at->first, at->second, false);
    at = offers_.erase(at);
  }
}

bool OfferInbox::offers(ConnectionId from, const files::ContentId& id) const { return held_.contains({from, id}); }

// --- what is fetched ---

std::optional<files::CatalogEntry> OfferInbox::begin() {
  if (waiting_.empty()) return std::nullopt;
  std::map<net::IpAddress, Share> shares;
  for (const ItemPtr& item : running_) {
    Share& share = shares[item->begun_for];
    ++share.items;
    share.to_come += item->entry.id.length - item->bytes;
  }
  // The address with the fewest under way comes next.
  const std::pair<const net::IpAddress, Waiting>* next = nullptr;
  for (const auto& queue : waiting_) {
    if (!may_begin(*queue.second.begin()->second, shares[queue.first])) continue;
    if (next == nullptr || shares[queue.first].items < shares[next->first].items) next = &queue;
  }
  if (next == nullptr) return std::nullopt;
  ItemPtr item = next->second.begin()->second;
  item->begun_for = next->first;
  take_out_of_queues(item);
  waiting_bytes_ -= cost_of(item->entry);
  item->running = true;
  running_.insert(item);
  return item->entry;
}

bool OfferInbox::may_begin(const Item& item, const Share& share) const {
  if (share.items < 2) return true;
  const std::size_t most = item.entry.id.length <= kSmallFile ? kMaxRunningSmall : kMaxRunning;
  return running_.size() < most && share.items < most - running_.size() && share.to_come < kMaxRunningBytes;
}

std::vector<OfferInbox::Key> OfferInbox::take_unwanted() {
  std::vector<Key> unwanted = std::exchange(unwanted_, {});
  // Some may have ended meanwhile, or be wanted again.
  std::erase_if(unwanted, [this](const Key& key) {
    auto found = items_.find(key);
    return found == items_.end() || !found->second->holders.empty();
  });
  return unwanted;
}

void OfferInbox::progressed(const Key& key, std::uint64_t bytes, std::uint64_t moved, const std::string& waits) {
  auto found = items_.find(key);
  if (found == items_.end()) return;
  found->second->bytes = std::min(bytes, key.id.length);
  found->second->moved = moved;
  found->second->waits = waits;
}

void OfferInbox::ended(const Key& key, const Outcome& outcome) {
  auto found = items_.find(key);
  CHECK(found != items_.end() && found->second->running);
  ItemPtr item = std::move(found->second);
  items_.erase(found);
  running_.erase(item);
  item->ended = true;
  const bool failed = outcome.code != wire::ErrorCode::kNone;
  for (const OfferKey& holder : item->holders) {
    unhold(*item, holder);
    Open& open = offers_.at(holder);
    --open.left;
    wire::OfferStatus& sum = open.done;
    sum.moved += outcome.moved;
    if (!failed) {
      ++sum.done;
      sum.there += outcome.there ? 1 : 0;
      sum.bytes += key.id.length;
      continue;
    }
    if (sum.failed++ > 0) continue;
    sum.code = outcome.code;
    sum.text = fitting(outcome.text, outcome.code);
  }
}

// --- what is told ---

wire::OfferStatus OfferInbox::status_of(const OfferKey& key, const Open& open) const {
  wire::OfferStatus status = open.done;
  status.over = open.left == 0;
  for (const ItemPtr& item : running_) {
    if (std::find(item->holders.begin(), item->holders.end(), key) == item->holders.end()) continue;
    status.bytes += item->bytes;
    status.moved += item->moved;
    if (status.code != wire::ErrorCode::kNone || item->waits.empty()) continue;
    status.code = wire::ErrorCode::kNoSpace;
    status.text = fitting(item->waits, status.code);
  }
  return status;
}

std::vector<std::pair<ConnectionId, wire::OfferStatus>> OfferInbox::take_statuses(net::TimePoint now) {
  std::vector<std::pair<ConnectionId, wire::OfferStatus>> statuses;
  looked_at_ = now;
  for (auto at = offers_.begin(); at != offers_.end();) {
    Open& open = at->second;
    wire::OfferStatus status = status_of(at->first, open);
    const net::Duration quiet = now - open.told_at;
    const bool due = status.over || quiet >= kHeartbeat || (quiet >= kStatusInterval && status != open.told);
    if (due) {
      statuses.emplace_back(at->first.first, status);
      open.told = status;
      open.told_at = now;
    }
    at = status.over ? offers_.erase(at) : std::next(at);
  }
  return statuses;
}

std::optional<net::TimePoint> OfferInbox::deadline() const {
  if (offers_.empty() && items_.empty()) return std::nullopt;
  return looked_at_ + kStatusInterval;
}

}  // namespace peer::swarm
