// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peer/files/catalog.h"
#include "peer/files/content_id.h"
#include "peer/node.h"

namespace peer::operations {

/// A path that stands for one content (or a folder), and who offers it.
struct FoundFile {
  const files::CatalogEntry* entry = nullptr;  ///< That of one of them; the others' may have another mtime.
  std::vector<std::uint32_t> providers;        ///< Their positions in the list of peers, ascending.
};
/// What makes it another file; files are in this order.
using FileKey = std::pair<std::string, files::ContentId>;

/// Goes over the files and folders that several peers offer, in the order of their keys: the catalogs are merged as
/// they are, and nothing is kept. One costs O(its providers * log(peers)). To go on later, when catalogs may have
/// changed, begin a new walk after the key that was the last: what stays is seen exactly once.
class FileWalk {
 public:
  /// From the first file behind `after`, or the first of all. The catalogs must not change while it is used.
  explicit FileWalk(const std::vector<Node::PeerView>& peers, const std::optional<FileKey>& after = std::nullopt);

  /// Goes to the next one, at the beginning to the first; false at the end.
  bool next();
  /// REQUIRES: the last next() was true.
  const FoundFile& file() const { return found_; }
  /// Entries of catalogs that were looked at so far: what it has cost.
  std::size_t looked_at() const { return looked_at_; }

 private:
  struct Head {
    files::Catalog::Iterator at, end;
    std::uint32_t provider;
  };
  static bool comes_after(const Head& a, const Head& b);
  const files::CatalogEntry& first() const { return heads_.front().at->second; }
  void advance();

  std::vector<Head> heads_;  ///< A heap: the next entry of each catalog that has one.
  FoundFile found_;
  std::size_t looked_at_ = 0;
};

}  // namespace peer::operations
