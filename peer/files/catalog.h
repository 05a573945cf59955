// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peer/files/content_id.h"

namespace peer::files {

/// A line of a catalog: a file, or a folder. That a folder is there follows from the paths of what is in it, too.
struct CatalogEntry {
  enum class Kind : std::uint8_t { kFile = 0, kFolder = 1 };

  Kind kind = Kind::kFile;
  std::string path;          ///< Clean relative path (net::is_clean_path).
  ContentId id;              ///< Of a file; empty for a folder.
  std::int64_t mtime_s = 0;  ///< Seconds since the epoch.
  std::uint32_t mode = 0;    ///< The owner's permission bits: a subset of 0700.
  bool operator==(const CatalogEntry&) const = default;
};

/// The last component of a path.
std::string_view base_name(std::string_view path);

/// What one peer offers, by path. One path has one entry. Changes and look-ups cost O(log n). Pointers to entries stay
/// good until that entry is changed or removed.
class Catalog {
 public:
  /// The revision counts on from `first_revision`; an owner that must not repeat a revision of an earlier run passes a
  /// number that grows from run to run.
  explicit Catalog(std::uint64_t first_revision = 0) : revision_(first_revision) {}

  /// Grows by one with every change.
  std::uint64_t revision() const { return revision_; }
  std::size_t size() const { return by_path_.size(); }
  /// Entries that are files.
  std::size_t file_count() const { return by_content_.size(); }
  /// Sum of the lengths of all files.
  std::uint64_t total_bytes() const { return total_bytes_; }

  /// Adds the entry or replaces the one at its path; false, and no new revision, when the same entry was there.
  /// The path is taken as it is: what comes from the wire was checked by whoever decoded it.
  bool put(CatalogEntry entry);
  /// False when there was none.
  bool remove(std::string_view path);
  void clear();

  /// Null when there is none.
  const CatalogEntry* find(std::string_view path) const;
  /// All files with that content, by path.
  std::vector<const CatalogEntry*> find_content(const ContentId& id) const;
  bool has_content(const ContentId& id) const;
  /// Everything beneath a folder (not the folder's own entry), by path; "" is the top.
  std::vector<const CatalogEntry*> beneath(std::string_view folder) const;
  /// At most `limit` entries whose paths come after `cursor` in byte order; "" begins. The last one's path is the next
  /// cursor; none means the end. Good across changes: an entry that stays is seen exactly once.
  std::vector<const CatalogEntry*> page(std::string_view cursor, std::size_t limit) const;

  /// Paths and entries, by path in byte order; good until a change.
  using Entries = std::map<std::string, CatalogEntry, std::less<>>;
  using Iterator = Entries::const_iterator;
  Iterator begin() const { return by_path_.begin(); }
  Iterator end() const { return by_path_.end(); }
  /// The first whose path does not come before this one.
  Iterator from(std::string_view path) const { return by_path_.lower_bound(path); }

  /// Calls visit(entry) for each entry, by path in byte order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [path, entry] : by_path_) visit(entry);
  }

 private:
  void forget(const CatalogEntry& entry);

  Entries by_path_;
  std::set<std::pair<ContentId, std::string>> by_content_;
  std::uint64_t revision_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace peer::files
