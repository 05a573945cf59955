// SPDX-License-Identifier: MIT
#include "peer/files/match.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "net/bytes.h"

namespace peer::files {
namespace {

void sort_unique(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

bool by_path_then_id(const MatchedFile& a, const MatchedFile& b) {
  return std::tie(a.path, a.id) < std::tie(b.path, b.id);
}

}  // namespace

Matcher::Matcher(const std::vector<Offer>& offers) {
  for (const auto& [provider, entry] : offers) {
    if (entry->kind == CatalogEntry::Kind::kFolder) {
      folders_by_path_.emplace(entry->path, entry);
      continue;
    }
    files_by_path_.emplace(entry->path, entry);
    files_by_base_name_.emplace(base_name(entry->path), entry);
    Content& content = contents_.try_emplace(entry->id, Content{entry, {}}).first->second;
    content.providers.push_back(provider);
    if (entry->path < content.first->path) content.first = entry;
  }
  for (auto& [id, content] : contents_) sort_unique(content.providers);
}

Match Matcher::resolve(std::string_view word) const {
  if (const auto id = ContentId::parse(word)) return by_id(*id);
  if (word.ends_with('/')) {
    word.remove_suffix(1);
    return by_folder(word);
  }
  if (Match match = by_name(files_by_path_, word); match.kind != Match::Kind::kNotFound) return match;
  if (Match match = by_folder(word); match.kind != Match::Kind::kNotFound) return match;
  if (Match match = by_name(files_by_base_name_, word); match.kind != Match::Kind::kNotFound) return match;
  return by_root(word);
}

Match Matcher::by_id(const ContentId& id) const {
  const auto found = contents_.find(id);
  if (found == contents_.end()) return {};
  return {Match::Kind::kFile, {matched(*found->second.first)}, {}};
}

/// All contents under one name, each once, whatever paths it has there.
Match Matcher::by_name(const Names& names, std::string_view word) const {
  std::map<ContentId, const CatalogEntry*> found;
  const auto [begin, end] = names.equal_range(word);
  for (auto at = begin; at != end; ++at) {
    const CatalogEntry*& entry = found[at->second->id];
    if (entry == nullptr || at->second->path < entry->path) entry = at->second;
  }
  Match match;
  if (found.empty()) return match;
  match.kind = found.size() == 1 ? Match::Kind::kFile : Match::Kind::kAmbiguous;
  for (const auto& [id, entry] : found) match.files.push_back(matched(*entry));
  std::sort(match.files.begin(), match.files.end(), by_path_then_id);
  return match;
}

Match Matcher::by_folder(std::string_view folder) const {
  const std::string prefix = std::string(folder) + "/";
  std::map<std::pair<std::string_view, ContentId>, const CatalogEntry*> files;
  for (auto at = files_by_path_.lower_bound(prefix); at != files_by_path_.end() && at->first.starts_with(prefix);
       ++at) {
    files.try_emplace({at->first, at->second->id}, at->second);
  }
  std::map<std::string_view, const CatalogEntry*> folders;
  if (const auto at = folders_by_path_.find(folder); at != folders_by_path_.end()) folders.emplace(*at);
  for (auto at = folders_by_path_.lower_bound(prefix); at != folders_by_path_.end() && at->first.starts_with(prefix);
       ++at) {
    folders.emplace(*at);
  }
  Match match;
  if (files.empty() && folders.empty()) return match;

  match.kind = Match::Kind::kFolder;
  std::vector<MatchedFile> conflicts;
  for (const auto& [key, entry] : files) {
    if (!match.files.empty() && match.files.back().path == entry->path) {
      if (conflicts.empty() || conflicts.back().path != entry->path) conflicts.push_back(match.files.back());
      conflicts.push_back(matched(*entry));
    }
    match.files.push_back(matched(*entry));
  }
  if (!conflicts.empty()) return {Match::Kind::kAmbiguous, std::move(conflicts), {}};
  for (const auto& [path, entry] : folders) match.folders.push_back({entry->path, entry->mtime_s, entry->mode});
  return match;
}

Match Matcher::by_root(std::string_view digits) const {
  if (digits.size() < kShortestRoot || digits.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return {};
  Match match;
  for (const auto& [id, content] : contents_) {
    if (net::to_hex(id.root).starts_with(digits)) match.files.push_back(matched(*content.first));
  }
  if (match.files.empty()) return match;
  match.kind = match.files.size() == 1 ? Match::Kind::kFile : Match::Kind::kAmbiguous;
  std::sort(match.files.begin(), match.files.end(), by_path_then_id);
  return match;
}

MatchedFile Matcher::matched(const CatalogEntry& entry) const {
  return {entry.path, entry.id, entry.mtime_s, entry.mode, contents_.at(entry.id).providers};
}

}  // namespace peer::files
