// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace peer::files {

/// Something beneath one of the folders that are offered.
struct Place {
  std::size_t folder = 0;  ///< Which of them.
  std::string path;        ///< Relative to it; "" is the folder itself.

  /// What has the name `name` in this folder.
  Place child(std::string_view name) const {
    return {folder, path.empty() ? std::string(name) : path + "/" + std::string(name)};
  }
  /// The folder that holds it. REQUIRES: path is not "".
  Place parent() const {
    const auto slash = path.rfind('/');
    return {folder, slash == std::string::npos ? std::string() : path.substr(0, slash)};
  }
  auto operator<=>(const Place&) const = default;
};

}  // namespace peer::files
