// SPDX-License-Identifier: MIT
#include "peer/files/bundle.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <utility>

#include "net/clean_path.h"

namespace peer::files {
namespace {

constexpr std::size_t kFilesAtOnce = 64;
constexpr std::uint64_t kBytesAtOnce = 32 << 20;
/// What was written less than this ago may be written again within the clock's tick, and nobody would see it.
constexpr std::int64_t kQuietNs = 200'000'000;

/// Without symlinks, "." and ".."; empty where there is nothing, errno says why.
std::string real_path(const std::string& path) {
  std::array<char, PATH_MAX> resolved{};
  return ::realpath(path.c_str(), resolved.data()) != nullptr ? resolved.data() : "";
}

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// The name under which it is pushed: the one that the user wrote, where that is one.
std::string pushed_name(std::string path, const std::string& real) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::string_view written = last_component(path);
  return std::string(written.empty() || written == "." || written == ".." ? last_component(real) : written);
}

std::uint32_t owner_bits(const net::FileStatus& status) { return status.mode & 0700; }

std::int64_t seconds_of(std::int64_t ns) {
  const std::int64_t second = 1'000'000'000;
  return ns >= 0 ? ns / second : -((-ns + second - 1) / second);
}

}  // namespace

Bundle::Bundle(net::Workers& workers, Index* index, unsigned max_tasks)
    : workers_(workers), max_tasks_(max_tasks), source_(std::make_shared<ShareSource>()) {
  source_->index = index;
}

std::shared_ptr<Bundle> Bundle::begin(net::Workers& workers, Index* index, std::vector<std::string> paths,
                                      unsigned max_tasks) {
  std::shared_ptr<Bundle> bundle(new Bundle(workers, index, max_tasks));
  workers.submit([source = bundle->source_, paths = std::move(paths)] { return walk(*source, paths); },
                 [weak = std::weak_ptr(bundle)](Walk found) {
                   if (auto self = weak.lock()) self->walked(std::move(found));
                 });
  return bundle;
}

// --- looking, on a worker ---

Bundle::Walk Bundle::walk(ShareSource& source, const std::vector<std::string>& paths) {
  Walk walk;
  for (const std::string& path : paths) {
    if (walk.error.empty()) add_named(source, path, walk);
  }
  std::sort(walk.files.begin(), walk.files.end(), [](const Found& a, const Found& b) { return a.path < b.path; });
  auto same = std::adjacent_find(walk.files.begin(), walk.files.end(),
                                 [](const Found& a, const Found& b) { return a.path == b.path; });
  if (walk.error.empty() && same != walk.files.end()) walk.error = "two files would be pushed as " + same->path;
  std::int64_t newest = 0;
  for (const Found& file : walk.files) newest = std::max(newest, file.status.mtime_ns);
  const std::int64_t age = wall_clock_ns() - newest;
  if (age >= 0 && age < kQuietNs) std::this_thread::sleep_for(std::chrono::nanoseconds(kQuietNs - age));
  return walk;
}

void Bundle::add_named(ShareSource& source, const std::string& path, Walk& walk) {
  const std::string real = real_path(path);
  if (real.empty()) {
    walk.error = path + ": " + net::SystemError{errno}.message();
    return;
  }
  const std::string name = pushed_name(path, real);
  if (!net::is_clean_path(name)) {
    walk.error = path + ": this name cannot be pushed (it begins with a dot, or holds what is no text)";
    return;
  }
  const std::size_t slash = real.rfind('/');
  try {
    net::Folder parent = net::Folder::open(slash == 0 ? "/" : real.substr(0, slash));
    const std::string base = real.substr(slash + 1);
    const auto status = base.empty() ? net::status_of(parent.fd()) : parent.status(base);
    if (!status) {
      walk.error = path + ": " + status.error().message();
    } else if (status->kind == net::FileKind::kFolder) {
      source.folders.push_back(net::Folder::open(real));
      add_folder(source, {source.folders.size() - 1, ""}, name, walk);
    } else if (status->kind != net::FileKind::kRegular) {
      walk.error = path + ": neither a file nor a folder";
    } else if (status->size > kMaxFileLength) {
      walk.error = path + ": longer than 4 TiB";
    } else {
      source.folders.push_back(std::move(parent));
      walk.files.push_back({{source.folders.size() - 1, base}, name, *status});
    }
  } catch (const std::system_error& error) {
    walk.error = path + ": " + error.code().message();
  }
}

void Bundle::add_folder(const ShareSource& source, const Place& place, const std::string& path, Walk& walk) {
  const Look look = look_at(source, place);
  if (look.kind != Look::Kind::kFolder) {
    const bool unreadable = look.kind == Look::Kind::kUnreadable;
    walk.left_out.push_back({path, unreadable ? look.error.message() : "it is gone", true});
    return;
  }
  for (const Look::Child& child : look.children) {
    if (source.stop) return;
    const std::string child_path = path + "/" + child.name;
    if (!net::is_clean_path(child_path)) {
      walk.left_out.push_back({child_path, "its name is no text, or too long", false});
    } else if (child.kind == net::FileKind::kFolder) {
      add_folder(source, place.child(child.name), child_path, walk);
    } else if (child.kind != net::FileKind::kRegular) {
      const bool link = child.kind == net::FileKind::kSymlink;
      walk.left_out.push_back({child_path, link ? "a symbolic link" : "neither a file nor a folder", false});
    } else if (child.status.size > kMaxFileLength) {
      walk.left_out.push_back({child_path, "longer than 4 TiB", true});
    } else {
      walk.files.push_back({place.child(child.name), child_path, child.status});
    }
  }
  CatalogEntry folder{CatalogEntry::Kind::kFolder, path, {}, 0, 0700};
  const net::Folder& top = source.folders[place.folder];
  const auto status = place.path.empty() ? net::status_of(top.fd()) : top.status(place.path);
  if (status) {
    folder.mtime_s = seconds_of(status->mtime_ns);
    folder.mode = owner_bits(*status);
  }
  walk.folders.push_back(std::move(folder));
}

// --- hashing ---

void Bundle::walked(Walk walk) {
  error_ = std::move(walk.error);
  left_out_ = std::move(walk.left_out);
  entries_ = std::move(walk.folders);
  if (error_.empty()) files_ = std::move(walk.files);
  for (const Found& file : files_) bytes_total_ += file.status.size;
  submit_some();
  end_when_done();
}

void Bundle::submit_some() {
  while (tasks_ < max_tasks_ && next_ < files_.size()) {
    std::vector<HashBatch::Request> requests;
    std::uint64_t bytes = 0;
    for (; next_ < files_.size() && requests.size() < kFilesAtOnce && bytes < kBytesAtOnce; ++next_) {
      requests.push_back({files_[next_].place, next_, files_[next_].status});
      bytes += files_[next_].status.size;
    }
    ++tasks_;
    submit(std::make_shared<HashBatch>(source_, std::move(requests)));
  }
}

void Bundle::submit(const std::shared_ptr<HashBatch>& batch) {
  workers_.submit([batch] { return batch->run(); },
                  [weak = weak_from_this(), batch](const std::vector<HashBatch::Outcome>& outcomes) {
                    auto self = weak.lock();
                    if (!self) return;
                    for (const HashBatch::Outcome& outcome : outcomes) self->take_up(outcome);
                    if (!batch->finished()) return self->submit(batch);
                    --self->tasks_;
                    self->submit_some();
                    self->end_when_done();
                  });
}

void Bundle::take_up(const HashBatch::Outcome& outcome) {
  const Found& file = files_[outcome.ticket];
  if (outcome.kind != HashBatch::Outcome::Kind::kHashed) {
    const bool changed = outcome.kind == HashBatch::Outcome::Kind::kChanged;
    left_out_.push_back({file.path, changed ? "it changed while it was read" : outcome.error.message(), true});
    return;
  }
  const ContentId& id = outcome.content->id;
  entries_.push_back(
      {CatalogEntry::Kind::kFile, file.path, id, seconds_of(file.status.mtime_ns), owner_bits(file.status)});
  contents_.try_emplace(id, Content{outcome.ticket, outcome.content, {}});
}

void Bundle::end_when_done() {
  if (tasks_ > 0 || next_ < files_.size()) return;
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  std::sort(entries_.begin(), entries_.end(), by_path);
  std::sort(left_out_.begin(), left_out_.end(), by_path);
  if (error_.empty() && entries_.empty()) {
    error_ = left_out_.empty() ? "there is nothing to push" : "nothing of it can be pushed";
  }
  ready_ = true;
  if (source_->index == nullptr) return;
  workers_.submit([source = source_] { source->index->flush(); }, [] {});
}

PushContents::Progress Bundle::progress() const {
  return {std::min(source_->bytes_hashed.load(), bytes_total_), bytes_total_};
}

// --- sending ---

std::shared_ptr<const OpenFile> Bundle::open(const ContentId& id) {
  auto found = contents_.find(id);
  if (found == contents_.end()) return nullptr;
  Content& content = found->second;
  if (auto file = content.open.lock(); file && file->unchanged()) return file;
  const Found& at = files_[content.file];
  auto fd = source_->folders[at.place.folder].open_read(at.place.path);
  const bool no_descriptors = !fd && (fd.error().code == EMFILE || fd.error().code == ENFILE);
  const auto now = fd ? net::status_of(fd->get()) : net::Failure{fd.error()};
  if (now && now->inode == at.status.inode && now->device == at.status.device && now->size == at.status.size &&
      now->mtime_ns == at.status.mtime_ns) {
    auto file = std::make_shared<const OpenFile>(*std::move(fd), id, at.status);
    content.open = file;
    return file;
  }
  if (!no_descriptors && changed_.empty()) changed_ = at.path;
  return nullptr;
}

std::shared_ptr<const std::vector<Hash>> Bundle::layer(const ContentId& id) const {
  auto found = contents_.find(id);
  if (found == contents_.end()) return nullptr;
  const auto& hashed = found->second.hashed;
  return {hashed, &hashed->layer};
}

}  // namespace peer::files
