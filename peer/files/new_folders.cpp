// SPDX-License-Identifier: MIT
#include "peer/files/new_folders.h"

#include <cerrno>

namespace peer::files {
namespace {

/// What a path costs in a set, besides its bytes.
constexpr std::size_t kBytesOfASetsNode = 80;

/// Empty where nothing but the top is above it.
std::string above(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

void NewFolders::look(const net::Folder& top, const std::string& folder) {
  for (std::string path = folder; !path.empty(); path = above(path)) {
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
  }
}

void NewFolders::look_above(const net::Folder& top, const std::string& path) { look(top, above(path)); }

bool NewFolders::take(const std::string& folder) {
  const std::lock_guard guard(mutex_);
  if (folders_.erase(folder) == 0) return false;
  bytes_ -= folder.size() + kBytesOfASetsNode;
  return true;
}

}  // namespace peer::files
