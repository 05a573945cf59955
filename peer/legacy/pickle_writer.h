// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "net/bytes.h"

/// A Python pickle (protocol 3) of a list of bytes, in pieces, so that the contents need not be in memory:
///     pickle_begin(), for each item pickle_item_header() and its bytes, pickle_end()
namespace peer::legacy {

net::Bytes pickle_begin();
/// What stands before the bytes of an item.
net::Bytes pickle_item_header(std::uint32_t length);
net::Bytes pickle_end();

/// Of a list without items.
inline constexpr std::uint64_t kEmptyPickleSize = 6;
/// What an item adds to that.
std::uint64_t pickled_size(std::uint64_t length);

}  // namespace peer::legacy
