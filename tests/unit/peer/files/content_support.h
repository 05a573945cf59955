// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "net/bytes.h"
#include "peer/files/merkle.h"

/// Contents for the tests of this folder.
namespace peer::files {

/// An id that no content has.
inline ContentId content(unsigned n) {
  ContentId id{n, {}};
  id.root[0] = std::byte{1};
  id.root[1] = static_cast<std::byte>(n >> 8);
  id.root[2] = static_cast<std::byte>(n);
  return id;
}

/// Bytes that look random; others for another seed.
inline std::string content_of(std::size_t length, unsigned seed = 1) {
  std::string out(length, '\0');
  std::uint32_t state = seed;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

inline HashedContent hashed(const std::string& content) {
  TreeHasher hasher;
  hasher.update(net::as_bytes(content));
  return hasher.finish();
}

}  // namespace peer::files
