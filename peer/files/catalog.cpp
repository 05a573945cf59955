// SPDX-License-Identifier: MIT
#include "peer/files/catalog.h"

namespace peer::files {

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool Catalog::put(CatalogEntry entry) {
  const auto found = by_path_.find(entry.path);
  if (found != by_path_.end()) {
    if (found->second == entry) return false;
    forget(found->second);
  }
  if (entry.kind == CatalogEntry::Kind::kFile) {
    by_content_.emplace(entry.id, entry.path);
    total_bytes_ += entry.id.length;
  }
  if (found != by_path_.end()) {
    found->second = std::move(entry);
  } else {
    std::string path = entry.path;
    by_path_.emplace(std::move(path), std::move(entry));
  }
  ++revision_;
  return true;
}

bool Catalog::remove(std::string_view path) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return false;
  forget(found->second);
  by_path_.erase(found);
  ++revision_;
  return true;
}

void Catalog::clear() {
  if (by_path_.empty()) return;
  by_path_.clear();
  by_content_.clear();
  total_bytes_ = 0;
  ++revision_;
}

void Catalog::forget(const CatalogEntry& entry) {
  if (entry.kind != CatalogEntry::Kind::kFile) return;
  by_content_.erase({entry.id, entry.path});
  total_bytes_ -= entry.id.length;
}

const CatalogEntry* Catalog::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

std::vector<const CatalogEntry*> Catalog::find_content(const ContentId& id) const {
  std::vector<const CatalogEntry*> out;
  for (auto at = by_content_.lower_bound({id, std::string()}); at != by_content_.end() && at->first == id; ++at) {
    out.push_back(find(at->second));
  }
  return out;
}

bool Catalog::has_content(const ContentId& id) const {
  const auto at = by_content_.lower_bound({id, std::string()});
  return at != by_content_.end() && at->first == id;
}

std::vector<const CatalogEntry*> Catalog::beneath(std::string_view folder) const {
  std::vector<const CatalogEntry*> out;
  const std::string prefix = folder.empty() ? std::string() : std::string(folder) + "/";
  for (auto at = by_path_.lower_bound(prefix); at != by_path_.end() && at->first.starts_with(prefix); ++at) {
    out.push_back(&at->second);
  }
  return out;
}

std::vector<const CatalogEntry*> Catalog::page(std::string_view cursor, std::size_t limit) const {
  std::vector<const CatalogEntry*> out;
  for (auto at = by_path_.upper_bound(cursor); at != by_path_.end() && out.size() < limit; ++at) {
    out.push_back(&at->second);
  }
  return out;
}

}  // namespace peer::files
