// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace peer {

/// An amount of data as the user writes it (p2ppeer(1), SIZE): a whole number, then nothing, K, M, G or T for powers of
/// 1024. Case does not matter. Bytes, 1 or more; nothing for any other text.
std::optional<std::uint64_t> parse_byte_size(std::string_view text);

}  // namespace peer
