// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace net {

/// Columns that `text` takes on a terminal (wide characters count two, combining ones none; a byte that is not UTF-8
/// counts one). `text` is already escaped. Does not depend on the locale.
std::size_t display_width(std::string_view text);

/// `text` cut to at most `columns` columns, the last of them an ellipsis where something was cut.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace net
