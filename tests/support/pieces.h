// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace support {

/// Gives `bytes` to a parser in pieces of at most `step` bytes, as a socket may, and all that it makes of them to
/// `take`. Where that returns false the parser has failed and gets no more. REQUIRES: step > 0.
template <class Parser, class Take>
void feed_in_pieces(Parser& parser, std::string_view bytes, std::size_t step, Take take) {
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (auto result = parser.feed(piece)) {
      if (!take(*std::move(result))) return;
    }
  }
}

}  // namespace support
