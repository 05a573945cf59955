// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/files.h"
#include "peer/actions.h"
#include "peer/files/merkle.h"

namespace peer {

/// Where the answers of a store go; on the loop's thread.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  virtual void store_opening(TransferId transfer, const StoreOpening& progress) = 0;
  virtual void store_opened(TransferId transfer, StoreOpened result) = 0;
  virtual void chunk_stored(TransferId transfer, ChunkStored result) = 0;
  /// `file` and `content` are of the file at result.path in `folder`, where there was no error.
  virtual void store_finished(TransferId transfer, StoreFinished result, const std::string& folder,
                              const net::FileStatus& file, files::HashedContent content) = 0;
};

}  // namespace peer
