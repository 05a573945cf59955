// SPDX-License-Identifier: MIT
#include "peer/files/local_copy.h"

#include <algorithm>
#include <span>
#include <utility>

#include "net/files.h"

namespace peer::files {
namespace {

constexpr std::uint64_t kBytesInARun = 32 << 20;

}  // namespace

LocalCopy::LocalCopy(std::shared_ptr<Partial> partial, net::Fd file)
    : partial_(std::move(partial)),
      file_(std::move(file)),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(partial_->grid().chunk_size)),
      have_(partial_->grid().count()) {
  if (!partial_->has_layer()) hasher_.emplace();
}

bool LocalCopy::run() {
  if (!cloned_) cloned_ = partial_->claimed().empty() && partial_->clone_from(file_.get());
  if (hasher_) return find_layer();
  const ChunkGrid& grid = partial_->grid();
  for (std::uint64_t bytes = 0; next_ < grid.count() && bytes < kBytesInARun; ++next_) {
    bytes += grid.size(next_);
    if (take(next_)) have_.set(next_);
  }
  return next_ < grid.count();
}

/// Without the layer no chunk can be verified, and what the file has is not the content until all of it was hashed.
bool LocalCopy::find_layer() {
  const ContentId& id = partial_->id();
  const int file = *cloned_ ? partial_->fd() : file_.get();
  for (std::uint64_t bytes = 0; hasher_->length() < id.length && bytes < kBytesInARun;) {
    const std::uint64_t left = id.length - hasher_->length();
    const std::span<std::byte> piece(
        buffer_.get(), static_cast<std::size_t>(std::min<std::uint64_t>(left, partial_->grid().chunk_size)));
    if (!net::read_exactly(file, hasher_->length(), piece)) return false;
    hasher_->update(piece);
    bytes += piece.size();
  }
  if (hasher_->length() < id.length) return true;
  HashedContent content = hasher_->finish();
  hasher_.reset();
  if (content.id != id || !partial_->set_layer(std::move(content.layer))) return false;
  if (!*cloned_) return true;
  // All of the clone was hashed just now, and only this object writes to it.
  have_ = ChunkSet::all(partial_->grid().count());
  written_ = id.length;
  return false;
}

bool LocalCopy::is_there(std::uint32_t chunk) const {
  return (*cloned_ || partial_->claimed().test(chunk)) && partial_->recheck(chunk);
}

bool LocalCopy::take(std::uint32_t chunk) {
  if (is_there(chunk)) {
    if (*cloned_) written_ += partial_->grid().size(chunk);
    return true;
  }
  const ChunkGrid& grid = partial_->grid();
  const std::span<std::byte> bytes(buffer_.get(), grid.size(chunk));
  if (!file_ || !net::read_exactly(file_.get(), grid.offset(chunk), bytes)) return false;
  switch (partial_->verify_and_write(chunk, bytes)) {
    case Partial::WriteResult::kWritten:
      written_ += bytes.size();
      return true;
    case Partial::WriteResult::kBadHash:
      return false;
    case Partial::WriteResult::kNoSpace:
    case Partial::WriteResult::kIoError:
      // Whoever fetches the rest meets the same, and can say so.
      file_.reset();
      return false;
  }
  return false;
}

}  // namespace peer::files
