// SPDX-License-Identifier: MIT
#include "net/peer_list.h"

#include <algorithm>
#include <utility>

#include "net/check.h"
#include "net/peer_list_line.h"

namespace net {
namespace {

constexpr std::size_t kMaxProblems = 100;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

bool PeerListEntry::has_flag(std::string_view flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

PeerList PeerList::parse(std::string_view text) {
  PeerList list;
  if (text.size() > kMaxFileSize) {
    list.report(1, "the text is longer than " + std::to_string(kMaxFileSize >> 20) + " MiB: not a peer list");
    return list;
  }
  // All of them: a second one would be the first of what we write.
  while (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (line.ends_with('\r')) line.remove_suffix(1);
    list.read_line(line, number);
  }
  return list;
}

void PeerList::read_line(std::string_view text, std::size_t number) {
  PeerListLine parsed = parse_peer_list_line(text);
  for (std::string& problem : parsed.problems) report(number, std::move(problem));
  if (parsed.kind != PeerListLine::Kind::kEntry) {
    append_text(text);
  } else if (contains(parsed.entry.endpoint)) {
    report(number, "there is an entry for " + parsed.entry.endpoint.to_short_string() + " already, left out");
  } else if (size() >= kMaxEntries) {
    report(number, "more than " + std::to_string(kMaxEntries) + " entries, not read");
    append_text(text);
  } else {
    append_entry(std::move(parsed.entry), std::move(parsed.rest));
  }
}

void PeerList::append_entry(PeerListEntry entry, std::string unknown_fields) {
  index_.emplace(entry.endpoint, blocks_.size());
  blocks_.push_back({{}, std::move(entry), std::move(unknown_fields)});
}

void PeerList::append_text(std::string_view line) {
  // One block for many lines: a file of nothing but line ends would otherwise take hundreds of times its size.
  if (blocks_.empty() || blocks_.back().text.empty()) blocks_.emplace_back();
  blocks_.back().text += line;
  blocks_.back().text += '\n';
}

void PeerList::report(std::size_t line, std::string what) {
  if (problems_.size() < kMaxProblems) problems_.push_back({line, std::move(what)});
}

std::string PeerList::format() const {
  std::string text;
  for (const Block& block : blocks_) {
    text += block.text;
    if (block.entry) text += format_peer_list_line(*block.entry, block.unknown_fields) + '\n';
  }
  return text;
}

std::vector<PeerListEntry> PeerList::entries() const {
  std::vector<PeerListEntry> found;
  found.reserve(size());
  for (const Block& block : blocks_) {
    if (block.entry) found.push_back(*block.entry);
  }
  return found;
}

bool PeerList::contains(const Endpoint& endpoint) const { return index_.contains(endpoint); }

bool PeerList::put(PeerListEntry entry) {
  entry = normalised(std::move(entry));
  auto found = index_.find(entry.endpoint);
  if (found == index_.end()) {
    if (size() >= kMaxEntries || entry.endpoint.port == 0) return false;
    append_entry(std::move(entry), {});
    return true;
  }
  std::optional<PeerListEntry>& present = blocks_[found->second].entry;
  if (*present == entry) return false;
  present = std::move(entry);
  return true;
}

bool PeerList::erase(const Endpoint& endpoint) {
  auto found = index_.find(endpoint);
  if (found == index_.end()) return false;
  std::size_t block = found->second;
  index_.erase(found);
  forget(block);
  return true;
}

bool PeerList::move_to_end(const Endpoint& endpoint) {
  auto found = index_.find(endpoint);
  if (found == index_.end()) return false;
  std::size_t from = found->second;
  Block moved = std::move(blocks_[from]);
  found->second = blocks_.size();
  blocks_.push_back(std::move(moved));
  forget(from);
  return true;
}

void PeerList::forget(std::size_t block) {
  blocks_[block] = Block{};
  // Taking blocks out one by one would be quadratic; leaving them in for ever would grow without bound.
  if (++erased_count_ <= blocks_.size() / 2) return;
  std::erase_if(blocks_, [](const Block& b) { return b.text.empty() && !b.entry; });
  erased_count_ = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].entry) index_[blocks_[i].entry->endpoint] = i;
  }
}

void PeerList::add_comment(std::string_view text) {
  CHECK(text.find_first_of("\r\n") == std::string_view::npos);
  append_text(text.empty() ? "#" : "# " + std::string(text));
}

}  // namespace net
