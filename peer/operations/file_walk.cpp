// SPDX-License-Identifier: MIT
#include "peer/operations/file_walk.h"

#include <algorithm>
#include <tuple>

namespace peer::operations {

using files::CatalogEntry;

FileWalk::FileWalk(const std::vector<Node::PeerView>& peers, const std::optional<FileKey>& after) {
  heads_.reserve(peers.size());
  for (std::uint32_t i = 0; i < peers.size(); ++i) {
    const files::Catalog& catalog = *peers[i].catalog;
    Head head{after ? catalog.from(after->first) : catalog.begin(), catalog.end(), i};
    // A catalog has one entry for a path, so at most that one is over.
    if (after && head.at != head.end && head.at->first == after->first && head.at->second.id <= after->second) {
      ++head.at;
      ++looked_at_;
    }
    if (head.at != head.end) heads_.push_back(head);
  }
  std::make_heap(heads_.begin(), heads_.end(), comes_after);
}

bool FileWalk::comes_after(const Head& a, const Head& b) {
  const CatalogEntry& x = a.at->second;
  const CatalogEntry& y = b.at->second;
  return std::tie(x.path, x.id, x.kind, a.provider) > std::tie(y.path, y.id, y.kind, b.provider);
}

bool FileWalk::next() {
  found_.providers.clear();
  if (heads_.empty()) return false;
  const CatalogEntry& entry = first();
  found_.entry = &entry;
  do {
    found_.providers.push_back(heads_.front().provider);
    advance();
  } while (!heads_.empty() && first().kind == entry.kind && first().id == entry.id && first().path == entry.path);
  return true;
}

void FileWalk::advance() {
  ++looked_at_;
  std::pop_heap(heads_.begin(), heads_.end(), comes_after);
  if (++heads_.back().at == heads_.back().end) {
    heads_.pop_back();
  } else {
    std::push_heap(heads_.begin(), heads_.end(), comes_after);
  }
}

}  // namespace peer::operations
