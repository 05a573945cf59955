// SPDX-License-Identifier: MIT
#include "peer/legacy/shared_contents.h"

#include "peer/legacy/limits.h"
#include "peer/legacy/pickle_writer.h"

namespace peer::legacy {

SharedContents shared_contents(const Library& library) {
  SharedContents shared{library.catalog().revision(), false, {}};
  std::uint64_t size = kEmptyPickleSize;
  for (const auto& [path, entry] : library.catalog()) {
    if (entry.kind != files::CatalogEntry::Kind::kFile || !library.is_shared(entry)) continue;
    size += pickled_size(entry.id.length);
    if (size > kMaxPickle || shared.ids.size() == kMaxItems) return {shared.revision, true, {}};
    shared.ids.push_back(entry.id);
  }
  return shared;
}

}  // namespace peer::legacy
