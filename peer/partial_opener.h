// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/fd.h"
#include "net/files.h"
#include "peer/actions.h"
#include "peer/files/new_folders.h"
#include "peer/files/partial.h"

namespace peer {

/// What an OpenStore of a file of several chunks comes to on a worker. Several threads may use it at once; a task has a
/// copy of its own, as it may outlive the store.
class PartialOpener {
 public:
  /// The folders must outlive it. `new_folders`: where folders are noted that were not there before what was pushed.
  PartialOpener(const net::Folder& partial, const net::Folder& downloads,
                std::shared_ptr<files::NewFolders> new_folders)
      : partial_(partial), downloads_(downloads), new_folders_(std::move(new_folders)) {}

  /// One of the three.
  struct Opened {
    std::unique_ptr<files::Partial> partial;
    std::optional<std::string> already_there;
    std::string error;
    net::Fd same;  ///< Beside a partial file: a file that is likely to have the content.
  };
  /// Looks whether the content stands at its place, then whether there can be a file; then opens the partial file. May
  /// take long.
  Opened open(const OpenStore& action) const;

 private:
  net::Fd open_same(const OpenStore& action) const;
  std::optional<std::string> find_already_there(const OpenStore& action) const;

  const net::Folder& partial_;
  const net::Folder& downloads_;
  std::shared_ptr<files::NewFolders> new_folders_;
};

}  // namespace peer
