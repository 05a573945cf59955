// SPDX-License-Identifier: MIT
#include "peer/files/share_tasks.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace peer::files {
namespace {

/// About a tenth of a second of hashing at the slowest: what another task may have to wait for.
constexpr std::uint64_t kSlice = 32 << 20;
constexpr std::size_t kReadPiece = 1 << 20;
/// What opening a file costs, as if it were bytes, so that many small files end a slice too.
constexpr std::uint64_t kPerFile = 64 << 10;

void list_into(Look& look, const net::Folder& folder) {
  const auto entries = folder.list();
  if (!entries) {
    look.kind = Look::Kind::kUnreadable;
    look.error = entries.error();
    return;
  }
  look.kind = Look::Kind::kFolder;
  for (const auto& entry : *entries) {
    if (entry.name.starts_with('.')) continue;
    Look::Child child{entry.name, entry.kind, {}};
    if (entry.kind == net::FileKind::kRegular) {
      const auto status = folder.status(entry.name);
      if (!status) continue;  // It went away meanwhile; the watch tells.
      child.kind = status->kind;
      child.status = *status;
    }
    look.children.push_back(std::move(child));
  }
}

/// The watch comes before the listing, so that nothing falls between.
void look_into(const ShareSource& source, Look& look, const net::Folder& folder) {
  if (source.watch) look.watched = source.watch->add(folder, look.place);
  list_into(look, folder);
}

bool is_same_file(const net::FileStatus& a, const net::FileStatus& b) {
  return a.kind == b.kind && a.device == b.device && a.inode == b.inode && a.size == b.size && a.mtime_ns == b.mtime_ns;
}

}  // namespace

std::int64_t wall_clock_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Look look_at(const ShareSource& source, Place place) {
  Look look;
  look.place = std::move(place);
  const net::Folder& top = source.folders[look.place.folder];
  if (look.place.path.empty()) {
    look_into(source, look, top);
    return look;
  }
  // What comes to a folder, and goes from it, changes its time.
  if (const Place parent = look.place.parent(); !parent.path.empty()) {
    if (auto status = top.status(parent.path)) look.parent = *status;
  }
  const auto status = top.status(look.place.path);
  if (!status) return look;
  look.status = *status;
  if (status->kind == net::FileKind::kRegular) look.kind = Look::Kind::kFile;
  if (status->kind != net::FileKind::kFolder) return look;
  const auto folder = top.subfolder(look.place.path);
  if (folder) {
    look_into(source, look, *folder);
  } else if (folder.error().code != ENOENT) {
    look.kind = Look::Kind::kUnreadable;
    look.error = folder.error();
  }
  return look;
}

std::vector<HashBatch::Outcome> HashBatch::run() {
  std::vector<Outcome> outcomes;
  std::uint64_t budget = kSlice;
  while (!finished() && budget > 0 && !source_->stop.load()) {
    const Request& request = requests_[next_];
    Outcome::Kind kind = hasher_ ? Outcome::Kind::kHashed : begin(request);
    if (kind == Outcome::Kind::kHashed && !content_) {
      const std::uint64_t before = hasher_->length();
      kind = hash_slice(request, budget);
      budget -= std::min(budget, hasher_->length() - before);
      if (kind == Outcome::Kind::kHashed && !content_) return outcomes;  // The slice ended within the file.
    }
    outcomes.push_back(end(kind));
    budget -= std::min(budget, kPerFile);
  }
  return outcomes;
}

/// Opens the file; looks it up in the index; otherwise makes it ready to be hashed.
HashBatch::Outcome::Kind HashBatch::begin(const Request& request) {
  auto fd = source_->folders[request.place.folder].open_read(request.place.path);
  if (!fd) {
    error_ = fd.error();
    const bool elsewhere = error_.code == ENOENT || error_.code == ELOOP || error_.code == ENOTDIR;
    return elsewhere ? Outcome::Kind::kChanged : Outcome::Kind::kFailed;
  }
  const auto status = net::status_of(fd->get());
  if (!status || !is_same_file(*status, request.status)) return Outcome::Kind::kChanged;
  // A second write within one tick of the file system's clock would not show in the mtime.
  const std::int64_t age = wall_clock_ns() - status->mtime_ns;
  if (age >= 0 && age < source_->quiet_ns) return Outcome::Kind::kChanged;
  fd_ = *std::move(fd);
  hasher_ = std::make_unique<TreeHasher>();
  if (source_->index != nullptr) {
    if (auto known = source_->index->find(*status)) {
      content_ = std::make_shared<const HashedContent>(*std::move(known));
    }
  }
  return Outcome::Kind::kHashed;
}

/// Hashes up to `slice` bytes; at the end of the file, if it is still the same, sets content_.
HashBatch::Outcome::Kind HashBatch::hash_slice(const Request& request, std::uint64_t slice) {
  thread_local net::Bytes buffer(kReadPiece);
  const std::uint64_t end =
      request.status.size - hasher_->length() < slice ? request.status.size : hasher_->length() + slice;
  while (hasher_->length() < end) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kReadPiece, end - hasher_->length()));
    const std::span<std::byte> bytes(buffer.data(), piece);
    const auto read = net::read_exactly(fd_.get(), hasher_->length(), bytes);
    if (!read) {
      error_ = read.error();
      return error_.code == ENODATA ? Outcome::Kind::kChanged : Outcome::Kind::kFailed;
    }
    hasher_->update(bytes);
    source_->bytes_hashed += piece;
  }
  if (end < request.status.size) return Outcome::Kind::kHashed;
  const auto status = net::status_of(fd_.get());
  if (!status || !is_same_file(*status, request.status)) return Outcome::Kind::kChanged;
  content_ = std::make_shared<const HashedContent>(hasher_->finish());
  if (source_->index != nullptr) source_->index->put(*status, *content_);
  return Outcome::Kind::kHashed;
}

HashBatch::Outcome HashBatch::end(Outcome::Kind kind) {
  const Request& request = requests_[next_++];
  // Each file counts with its whole size in the progress, however it ended.
  const std::uint64_t counted = hasher_ ? hasher_->length() : 0;
  source_->bytes_hashed += request.status.size - std::min(counted, request.status.size);
  hasher_.reset();
  fd_.reset();
  return {request.place, request.ticket, kind, std::exchange(content_, nullptr), std::exchange(error_, {})};
}

}  // namespace peer::files
