// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>

#include "net/files.h"

namespace peer::files {

/// Folders that were not there before what is pushed came into them. They get the time and mode that are pushed, when
/// all that is in them is there; one that was there before keeps its own. Bounded: when they are too many they are
/// forgotten, all at once, and keep what they were made with. The calls may come from several threads at once.
class NewFolders {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;

  /// Notes the folder and those above it that are not there. To be called before anything is put into it. `folder` is a
  /// clean path beneath `top`, or empty. Blocks.
  void look(const net::Folder& top, const std::string& folder);
  /// The same for the folder that holds what will be at the path.
  void look_above(const net::Folder& top, const std::string& path);
  /// Whether the folder was noted. It is not any more.
  bool take(const std::string& folder);

 private:
  std::mutex mutex_;
  std::set<std::string> folders_;
  std::size_t bytes_ = 0;
};

}  // namespace peer::files
