// SPDX-License-Identifier: MIT
#include "peer/remote_catalog.h"

#include <algorithm>
#include <utility>

namespace peer {
namespace {

/// After a refusal.
constexpr net::Duration kRetry = std::chrono::seconds(2);
/// A share that changes all the time is fetched at most this often, and takes at most a fifth of the time: the pause is
/// at least this many times as long as the fetching was.
constexpr net::Duration kRetryPause = std::chrono::milliseconds(500);
constexpr int kPauseShare = 4;

}  // namespace

std::optional<wire::CatalogGet> RemoteCatalog::ask(net::TimePoint now, std::uint32_t request) {
  if (asked_ || !stale_ || (retry_at_ && *retry_at_ > now)) return std::nullopt;
  retry_at_.reset();
  asked_ = request;
  // Only a question from the start can be answered with "unchanged".
  return wire::CatalogGet{request, cursor_.empty() ? revision_ : 0, cursor_};
}

bool RemoteCatalog::page(net::TimePoint now, const wire::Catalog& page, std::size_t room) {
  if (asked_ != page.request) return false;
  asked_.reset();
  if (page.unchanged) {
    if (!cursor_.empty() || revision_ == 0) return false;
    stale_ = false;
    complete_ = true;
    growing_ = page.growing;
    retry_at_ = now + kRetryPause;
    return true;
  }
  if (cursor_.empty()) {
    next_ = files::Catalog();
    next_revision_ = page.revision;
    next_is_mixed_ = false;
    next_bytes_ = 0;
    next_began_ = now;
  }
  if (page.revision != next_revision_) next_is_mixed_ = true;
  bool full = false;
  const std::string* last_path = &cursor_;
  for (const files::CatalogEntry& entry : page.entries) {
    if (entry.path <= *last_path) return false;  // Not sorted: the cursor would never reach the end.
    std::size_t size = wire::encoded_size(entry);
    full = full || next_.size() >= kMaxEntries || next_bytes_ + size > kMaxBytes ||
           next_held() + size + kEntryOverhead > room;
    if (!full) {
      next_bytes_ += size;
      next_.put(entry);
    }
    last_path = &entry.path;
  }
  if (!page.last && !full) {
    if (page.entries.empty()) return false;  // The cursor would not move.
    cursor_ = *last_path;
    return true;
  }
  shown_held_ = next_held();
  shown_ = std::exchange(next_, files::Catalog());
  shown_bytes_ = std::exchange(next_bytes_, 0);
  revision_ = next_revision_;
  cursor_.clear();
  stale_ = next_is_mixed_ || announced_ > revision_;
  retry_at_ = now + std::max(kRetryPause, kPauseShare * (now - next_began_));
  complete_ = true;
  growing_ = page.growing;
  ++version_;
  return true;
}

files::Catalog RemoteCatalog::take() {
  files::Catalog taken = std::move(shown_);
  *this = RemoteCatalog();
  return taken;
}

void RemoteCatalog::changed(std::uint64_t revision) {
  announced_ = revision;
  stale_ = true;
}

void RemoteCatalog::refused(net::TimePoint now, std::uint32_t request) {
  if (asked_ != request) return;
  asked_.reset();
  cursor_.clear();
  retry_at_ = now + kRetry;
}

}  // namespace peer
