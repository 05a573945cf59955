// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace net {

/// Makes text from the network, a file or a user safe to print on a terminal or in a log line: control characters
/// (C0, DEL, C1), line and paragraph separators, bidirectional controls, byte-order marks, other invisible format
/// characters and bytes that are not UTF-8 are shown as \xNN or \u{NNNN}; the backslash is doubled. Everything else
/// stays as it is.
std::string escape(std::string_view text);

/// True when `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// Replaces each byte that is not part of well-formed UTF-8 by U+FFFD, so that the text can stand in JSON.
std::string to_valid_utf8(std::string_view text);

/// Columns that `text` takes on a terminal (wide characters count two, combining ones none). `text` is already escaped.
std::size_t display_width(std::string_view text);

/// `text` cut to at most `columns` columns, the last of them an ellipsis where something was cut.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace net
