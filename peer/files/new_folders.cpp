// SPDX-License-Identifier: MIT
#include "peer/files/new_folders.h"

#include <cerrno>

namespace peer::files {
namespace {

/// What a path costs in a set, besides its bytes.
constexpr std::size_t kBytesOfASetsNode = 80;

}  // namespace

void NewFolders::look(const net::Folder& top, const std::string& folder) {
  for (std::string path = folder; !path.empty();) {
    const auto status = top.status(path);
    // What is above one that is there is there, too.
    if (status || status.error().code != ENOENT) return;
    const std::lock_guard guard(mutex_);
    // Whoever pushed what never came must not keep the folders of others from being noted.
    if (bytes_ + path.size() + kBytesOfASetsNode > kMostBytes) {
      folders_.clear();
      bytes_ = 0;
    }
    if (folders_.insert(path).second) bytes_ += path.size() + kBytesOfASetsNode;
    const std::size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

bool NewFolders::take(const std::string& folder) {
  const std::lock_guard guard(mutex_);
  if (folders_.erase(folder) == 0) return false;
  bytes_ -= folder.size() + kBytesOfASetsNode;
  return true;
}

}  // namespace peer::files
