// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "net/files.h"
#include "net/result.h"

namespace peer::files {

/// The folder that a file is to stand in, kept open from one file to the next: those of a batch are mostly neighbours.
class TargetFolders {
 public:
  /// `downloads` is what the folder "" stands for; it must outlive the object.
  explicit TargetFolders(const net::Folder& downloads) : downloads_(downloads) {}

  struct Target {
    const net::Folder* folder;  ///< Good until the next call.
    std::string prefix;         ///< Of the path, with its last '/'; empty where the file stands in the top folder.
    std::string name;           ///< The rest of the path.
  };
  /// `path` beneath `folder` (absolute, or "" for downloads). With `make`, folders that are missing are made.
  net::Result<Target, net::SystemError> find(const std::string& folder, const std::string& path, bool make);
  /// The top folder as find() opened it last.
  const net::Folder& top() const { return top_ ? *top_ : downloads_; }

 private:
  net::Result<void, net::SystemError> enter(const std::string& prefix, bool make);

  const net::Folder& downloads_;
  std::string top_name_;
  std::optional<net::Folder> top_;
  std::string prefix_;
  std::optional<net::Folder> inner_;
};

}  // namespace peer::files
