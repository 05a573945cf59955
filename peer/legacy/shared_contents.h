// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "peer/files/content_id.h"
#include "peer/library.h"

namespace peer::legacy {

/// What an older program is sent: made once for a revision of the catalog, however often somebody asks.
struct SharedContents {
  std::uint64_t revision = 0;         ///< Of the catalog.
  bool too_much = false;              ///< For one answer: more than kMaxPickle bytes or kMaxItems files.
  std::vector<files::ContentId> ids;  ///< Of the files in shared/, in the order of their paths; none where too_much.
};

/// Looks at the whole catalog, or up to where it is too much.
SharedContents shared_contents(const Library& library);

}  // namespace peer::legacy
