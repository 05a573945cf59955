// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peer/files/content_id.h"

namespace peer {

/// A file of this host that had a content when it was last looked at. It may have changed since.
struct StandingFile {
  std::string folder = {};  ///< Absolute; empty: downloads/ of the home.
  std::string path = {};    ///< Beneath it.
  /// The content's chunk hashes, where they are known.
  std::shared_ptr<const std::vector<files::Hash>> layer = {};
};

/// Where contents were put, or found, lately.
class StandingFiles {
 public:
  static constexpr std::size_t kMost = 4096;  ///< Then they are forgotten, all at once.

  void put(const files::ContentId& id, std::string folder, std::string path) {
    if (files_.size() >= kMost) files_.clear();
    files_[id] = {std::move(folder), std::move(path), nullptr};
  }
  std::optional<StandingFile> find(const files::ContentId& id) const {
    const auto found = files_.find(id);
    return found == files_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<files::ContentId, StandingFile> files_;
};

}  // namespace peer
