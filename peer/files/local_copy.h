// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "net/fd.h"
#include "peer/files/chunk_set.h"
#include "peer/files/merkle.h"
#include "peer/files/partial.h"

namespace peer::files {

/// Fills a partial download from a file of this host that had the same content when it was last looked at. The file is
/// trusted no more than a peer is: each chunk is verified before it is written, and one that is not right is missing
/// afterwards, to be fetched. What an earlier run left in the partial file is taken first; where there is nothing, and
/// the file system lets files share their blocks, the partial file becomes a clone of the other one: that does not
/// change any more when the other does, so it is verified in its place, and nothing is written. On the workers, one
/// run() at a time.
class LocalCopy {
 public:
  /// `file` is open for reading. Where the partial download has no layer yet, that is found out from the file first.
  LocalCopy(std::shared_ptr<Partial> partial, net::Fd file);

  /// Goes on for about a tenth of a second, so that a large file does not keep a worker from other work. False when it
  /// is over.
  [[nodiscard]] bool run();
  /// False while the layer is found out.
  bool copies() const { return !hasher_; }
  /// How far it is in doing so, or in copying: bytes of the file that are behind it.
  std::uint64_t bytes() const { return hasher_ ? hasher_->length() : partial_->grid().offset(next_); }
  /// Chunks that are in the partial file and right.
  const ChunkSet& have() const { return have_; }
  /// Bytes of those that this has written or cloned.
  std::uint64_t written() const { return written_; }

 private:
  bool find_layer();
  bool is_there(std::uint32_t chunk) const;
  bool take(std::uint32_t chunk);

  std::shared_ptr<Partial> partial_;
  net::Fd file_;                ///< Closed when no more is to be had from it.
  std::optional<bool> cloned_;  ///< Whether, once that was tried.
  std::optional<TreeHasher> hasher_;
  std::unique_ptr<std::byte[]> buffer_;  ///< Of a chunk.
  ChunkSet have_;
  std::uint32_t next_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace peer::files
