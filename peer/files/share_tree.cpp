// SPDX-License-Identifier: MIT
#include "peer/files/share_tree.h"

#include <utility>

#include "net/check.h"

namespace peer::files {
namespace {

constexpr std::uint32_t kOwnerBits = 0700;

std::int64_t whole_seconds(std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return nanoseconds / kSecond - (nanoseconds % kSecond < 0 ? 1 : 0);
}

/// As far as it decides what the content is.
bool same_content(const net::FileStatus& a, const net::FileStatus& b) {
  return a.device == b.device && a.inode == b.inode && a.size == b.size && a.mtime_ns == b.mtime_ns;
}

}  // namespace

std::optional<std::uint64_t> ShareTree::saw_file(const Place& place, const net::FileStatus& status) {
  if (knows_folder(place)) forget(place);
  add_child(place);
  File& file = folders_[place.folder].files[place.path];
  if (same_content(file.status, status) && (file.content || file.ticket != 0)) {
    file.status = status;
    refresh(place.path);
    return std::nullopt;
  }
  forget_file(place, file);
  file.status = status;
  file.ticket = ++last_ticket_;
  refresh(place.path);
  return file.ticket;
}

void ShareTree::saw_folder(const Place& place) {
  OfferedFolder& folder = folders_[place.folder];
  if (folder.files.contains(place.path)) forget(place);
  if (folder.folders.try_emplace(place.path).second && !place.path.empty()) add_child(place);
}

void ShareTree::folder_status(const Place& place, const net::FileStatus& status) {
  auto& known = folders_[place.folder].folders;
  const auto at = known.find(place.path);
  if (at == known.end() || status.kind != net::FileKind::kFolder || at->second.status == status) return;
  at->second.status = status;
  refresh(place.path);
}

void ShareTree::listed(const Place& folder) {
  const auto at = folders_[folder.folder].folders.find(folder.path);
  if (at == folders_[folder.folder].folders.end() || at->second.listed) return;
  at->second.listed = true;
  refresh(folder.path);
}

std::vector<Place> ShareTree::forget(const Place& place) {
  OfferedFolder& folder = folders_[place.folder];
  std::vector<Place> gone;
  const auto remove_file = [&](auto at) {
    const std::string path = at->first;
    forget_file({place.folder, path}, at->second);
    const auto next = folder.files.erase(at);
    refresh(path);
    return next;
  };
  const auto remove_folder = [&](auto at) {
    const std::string path = at->first;
    gone.push_back({place.folder, path});
    const auto next = folder.folders.erase(at);
    refresh(path);
    return next;
  };
  const std::string beneath = place.path.empty() ? std::string() : place.path + "/";
  for (auto at = folder.files.lower_bound(beneath); at != folder.files.end() && at->first.starts_with(beneath);) {
    at = remove_file(at);
  }
  for (auto at = folder.folders.lower_bound(beneath); at != folder.folders.end() && at->first.starts_with(beneath);) {
    at = remove_folder(at);
  }
  if (place.path.empty()) {
    folder.folders[""];
    return gone;
  }
  if (const auto at = folder.files.find(place.path); at != folder.files.end()) remove_file(at);
  if (const auto at = folder.folders.find(place.path); at != folder.folders.end()) remove_folder(at);
  const Place parent = place.parent();
  if (const auto at = folder.folders.find(parent.path); at != folder.folders.end()) {
    at->second.children.erase(std::string(base_name(place.path)));
    refresh(parent.path);
  }
  return gone;
}

bool ShareTree::knows_folder(const Place& place) const { return folders_[place.folder].folders.contains(place.path); }

std::set<std::string> ShareTree::children(const Place& folder) const {
  const auto& known = folders_[folder.folder].folders;
  const auto at = known.find(folder.path);
  return at == known.end() ? std::set<std::string>() : at->second.children;
}

std::optional<net::FileStatus> ShareTree::awaited(const Place& place, std::uint64_t ticket) const {
  const auto& files = folders_[place.folder].files;
  const auto at = files.find(place.path);
  if (at == files.end() || at->second.ticket != ticket) return std::nullopt;
  return at->second.status;
}

void ShareTree::hashed(const Place& place, std::uint64_t ticket, Content content) {
  if (!awaited(place, ticket)) return;
  File& file = folders_[place.folder].files.at(place.path);
  file.ticket = 0;
  if (content) {
    // Files of the same content share one layer.
    Copies& copies = contents_[content->id];
    if (!copies.content) copies.content = std::move(content);
    copies.places.insert(place);
    file.content = copies.content;
  }
  refresh(place.path);
}

void ShareTree::doubt(const Place& place) {
  auto& files = folders_[place.folder].files;
  const auto at = files.find(place.path);
  if (at == files.end()) return;
  forget_file(place, at->second);
  refresh(place.path);
}

ShareTree::Content ShareTree::content(const ContentId& id) const {
  const auto at = contents_.find(id);
  return at == contents_.end() ? nullptr : at->second.content;
}

std::vector<Place> ShareTree::places(const ContentId& id) const {
  const auto at = contents_.find(id);
  if (at == contents_.end()) return {};
  return {at->second.places.begin(), at->second.places.end()};
}

std::optional<Place> ShareTree::first_place(const ContentId& id) const {
  const auto at = contents_.find(id);
  return at == contents_.end() ? std::nullopt : std::optional(*at->second.places.begin());
}

const net::FileStatus* ShareTree::status(const Place& place) const {
  const auto& files = folders_[place.folder].files;
  const auto at = files.find(place.path);
  return at == files.end() ? nullptr : &at->second.status;
}

void ShareTree::add_child(const Place& place) {
  const Place parent = place.parent();
  const auto at = folders_[place.folder].folders.find(parent.path);
  CHECK(at != folders_[place.folder].folders.end());
  at->second.children.insert(std::string(base_name(place.path)));
  if (at->second.children.size() == 1) refresh(parent.path);
}

/// Takes the file's content out of what is offered; the file stays known.
void ShareTree::forget_file(const Place& place, File& file) {
  file.ticket = 0;
  const Content content = std::exchange(file.content, nullptr);
  if (!content) return;
  const auto at = contents_.find(content->id);
  at->second.places.erase(place);
  if (at->second.places.empty()) contents_.erase(at);
}

void ShareTree::refresh(const std::string& path) {
  if (path.empty()) return;
  for (const OfferedFolder& folder : folders_) {
    if (auto entry = entry_at(folder, path)) {
      catalog_.put(*std::move(entry));
      return;
    }
  }
  catalog_.remove(path);
}

std::optional<CatalogEntry> ShareTree::entry_at(const OfferedFolder& folder, const std::string& path) const {
  if (const auto at = folder.files.find(path); at != folder.files.end() && at->second.content) {
    const net::FileStatus& status = at->second.status;
    return CatalogEntry{CatalogEntry::Kind::kFile, path, at->second.content->id, whole_seconds(status.mtime_ns),
                        status.mode & kOwnerBits};
  }
  const auto at = folder.folders.find(path);
  if (at == folder.folders.end() || !at->second.listed) return std::nullopt;
  const std::optional<net::FileStatus>& status = at->second.status;
  if (!status && !at->second.children.empty()) return std::nullopt;
  return CatalogEntry{CatalogEntry::Kind::kFolder,
                      path,
                      {},
                      status ? whole_seconds(status->mtime_ns) : 0,
                      status ? status->mode & kOwnerBits : kOwnerBits};
}

}  // namespace peer::files
