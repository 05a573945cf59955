// SPDX-License-Identifier: MIT
#include "peer/files/target_folders.h"

#include <cerrno>
#include <cstddef>
#include <utility>

namespace peer::files {

net::Result<TargetFolders::Target, net::SystemError> TargetFolders::find(const std::string& folder,
                                                                         const std::string& path, bool make) {
  if (folder != top_name_ || (!folder.empty() && !top_)) {
    inner_.reset();
    prefix_.clear();
    top_.reset();
    top_name_ = folder;
    if (!folder.empty()) {
      auto top = net::Folder::try_open(folder, make);
      if (!top) return net::Failure{top.error()};
      top_ = *std::move(top);
    }
  }
  const std::size_t slash = path.rfind('/');
  const std::string prefix = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  if (auto entered = enter(prefix, make); !entered) return net::Failure{entered.error()};
  return Target{inner_ ? &*inner_ : &top(), prefix, path.substr(prefix.size())};
}

net::Result<void, net::SystemError> TargetFolders::enter(const std::string& prefix, bool make) {
  if (prefix == prefix_ && (prefix.empty() || inner_)) return {};
  inner_.reset();
  prefix_ = prefix;
  if (prefix.empty()) return {};
  const std::string inner = prefix.substr(0, prefix.size() - 1);
  auto opened = top().subfolder(inner);
  if (!opened && opened.error().code == ENOENT && make) {
    if (auto made = top().make_folders(inner); !made) return made;
    opened = top().subfolder(inner);
  }
  if (!opened) return net::Failure{opened.error()};
  inner_ = std::move(*opened);
  return {};
}

}  // namespace peer::files
