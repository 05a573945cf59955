// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace net {

/// Makes text from the network, a file or a user safe to print on a terminal or in a log line: control characters
/// (C0, DEL, C1), line and paragraph separators, bidirectional controls, byte-order marks, other invisible format
/// characters and bytes that are not UTF-8 are shown as \xNN or \u{NNNN}; the backslash is doubled. Everything else
/// stays as it is.
std::string escape(std::string_view text);

}  // namespace net
