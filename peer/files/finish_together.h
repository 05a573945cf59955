// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "net/files.h"
#include "peer/files/attributes.h"
#include "peer/files/finish.h"
#include "peer/files/partial.h"

namespace peer::files {

/// A download of which every chunk was written or rechecked.
struct Finishing {
  Partial* partial;  ///< Not null.
  Destination to;
  Attributes attributes;
};

/// Gives complete downloads their names and removes what remains of them; one answer each, in order. The data of all is
/// durable before the first gets its name, and the names are when this returns: of a few by a sync of each file and
/// folder, of many by one of the file system before and one after. Where the target is on another file system the file
/// is copied. Nothing is overwritten: the next free name is taken. After success only id(), grid() and layer() of a
/// download are useful; after an error a new run resumes it. REQUIRES: all are in the same folder(). Blocks.
std::vector<Placed> finish_together(const std::vector<Finishing>& batch, const net::Folder& downloads);

}  // namespace peer::files
