// SPDX-License-Identifier: MIT
#include "net/clean_path.h"

#include <cstddef>

#include "net/utf8.h"

namespace net {
namespace {

constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kLongestName = 255;

bool has_only_text(std::string_view text) {
  while (!text.empty()) {
    auto point = decode_utf8(text);
    if (!point || point->value < 0x20 || (point->value >= 0x7f && point->value <= 0x9f)) return false;
    text.remove_prefix(point->length);
  }
  return true;
}

/// A leading dot covers "." and ".." as well as hidden files.
bool is_clean_name(std::string_view name) { return !name.empty() && name.size() <= kLongestName && name[0] != '.'; }

}  // namespace

bool is_clean_path(std::string_view path) {
  if (path.size() > kLongestPath || !has_only_text(path)) return false;
  while (true) {
    std::size_t slash = path.find('/');
    if (!is_clean_name(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace net
