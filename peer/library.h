// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/send_queue.h"
#include "peer/files/catalog.h"
#include "peer/files/content_id.h"
#include "peer/standing_file.h"

namespace peer {

/// What this peer offers, as the node sees it. The driver's is files::Share; tests and the simulated network have one
/// in memory. All calls are on the loop's thread and do not block for long.
class Library {
 public:
  virtual ~Library() = default;
  virtual const files::Catalog& catalog() const = 0;
  /// Whether there may soon be more in the catalog, as files are still looked for or hashed.
  virtual bool growing() const { return false; }
  /// Whether the content can be had from us; it need not be in the catalog.
  virtual bool has(const files::ContentId& id) const { return catalog().has_content(id); }
  /// Whether an entry of the catalog is the user's own: in shared/, not downloads/.
  virtual bool is_shared(const files::CatalogEntry&) const { return true; }
  /// A path of a content that is not in the catalog; empty where there is none.
  virtual std::string path_beside(const files::ContentId&) const { return {}; }
  /// What the bytes of the content can be sent from; null when we do not have it (any more).
  virtual std::shared_ptr<const net::SendSource> open(const files::ContentId& id) = 0;
  /// Hashes of the content's chunks (files::chunk_grid); null when we do not have it.
  virtual std::shared_ptr<const std::vector<files::Hash>> layer(const files::ContentId& id) = 0;
  /// A file of the home with this content; nothing when there is none.
  virtual std::optional<StandingFile> find(const files::ContentId&) const { return std::nullopt; }
};

}  // namespace peer
