// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The lines that were typed (.p2p/shell_history): one after another, the newest last.
namespace peer::shell {

inline constexpr std::size_t kMaxRecalled = 1000;                    ///< Lines.
inline constexpr std::size_t kMaxRecallFile = std::size_t{1} << 20;  ///< Bytes.

/// The newest lines of a file that may hold anything: what is no line of a shell is left out.
std::vector<std::string> parse_recall(std::string_view text);
/// The file, with what was typed since: within both bounds, and no line twice in a row.
std::string add_to_recall(std::string_view text, const std::vector<std::string>& typed);

}  // namespace peer::shell
