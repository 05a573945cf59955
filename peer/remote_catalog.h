// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "net/time.h"
#include "peer/files/catalog.h"
#include "peer/wire/messages.h"

namespace peer {

/// What one peer offers, fetched page by page and kept up to date. Pure. While a new revision is being fetched the old
/// one is still shown. A share may change between two pages, or all the time: what stays in it is in some page all the
/// same, so the pages are taken for what they are, and asked for again afterwards.
class RemoteCatalog {
 public:
  /// More of one peer is not kept: entries, and bytes of them as they come over the wire.
  static constexpr std::size_t kMaxEntries = 200'000;
  static constexpr std::size_t kMaxBytes = std::size_t{32} << 20;

  /// What an entry takes in memory besides its bytes, about.
  static constexpr std::size_t kEntryOverhead = 160;

  /// What the catalogs of all peers may take together (threat T19), as held() counts it.
  struct Limits {
    std::size_t all = std::size_t{256} << 20;
    std::size_t of_address = std::size_t{64} << 20;
    std::size_t least = std::size_t{1} << 20;  ///< Of one peer, whatever the others take.
  };

  /// The question to ask now; nothing while an answer is under way, or when all is known. `request` numbers it.
  std::optional<wire::CatalogGet> ask(net::TimePoint now, std::uint32_t request);
  /// An answer. False when it is not one to our question: the peer breaks the protocol. `room`: what held() may be
  /// afterwards; entries beyond it are not kept.
  [[nodiscard]] bool page(net::TimePoint now, const wire::Catalog& page, std::size_t room = kMaxBytes * 2);
  /// Bytes in memory, about; while a revision is fetched, of it or of the old one, whichever is more.
  std::size_t held() const { return std::max(shown_held_, next_held()); }
  /// The peer says that it has this revision now, or that whether its catalog is growing has changed.
  void changed(std::uint64_t revision);
  /// The peer refused a request; when that was our question, it is asked again later.
  void refused(net::TimePoint now, std::uint32_t request);

  const files::Catalog& catalog() const { return shown_; }
  /// Of catalog(), as it comes over the wire.
  std::size_t bytes() const { return shown_bytes_; }
  /// Gives catalog() away, and begins anew as if nothing had been asked. REQUIRES: complete().
  files::Catalog take();
  /// True once a whole revision has come.
  bool complete() const { return complete_; }
  /// The peer said with it that it may soon offer more.
  bool growing() const { return growing_; }
  /// Changes whenever catalog() does.
  std::uint64_t version() const { return version_; }
  /// When to call ask() again without a reason of its own.
  std::optional<net::TimePoint> deadline() const { return stale_ && !asked_ ? retry_at_ : std::nullopt; }

 private:
  std::size_t next_held() const { return next_bytes_ + next_.size() * kEntryOverhead; }

  files::Catalog shown_;
  std::size_t shown_bytes_ = 0;
  files::Catalog next_;
  std::string cursor_;
  std::uint64_t revision_ = 0;       ///< Of shown_.
  std::uint64_t next_revision_ = 0;  ///< Of the first page of next_.
  bool next_is_mixed_ = false;       ///< Another page was of another revision.
  std::size_t next_bytes_ = 0;       ///< As encoded.
  std::size_t shown_held_ = 0;
  net::TimePoint next_began_{};
  std::uint64_t announced_ = 0;  ///< The newest revision that we were told of.
  std::optional<std::uint32_t> asked_;
  std::optional<net::TimePoint> retry_at_;
  bool stale_ = true;
  bool complete_ = false;
  bool growing_ = false;
  std::uint64_t version_ = 0;
};

}  // namespace peer
