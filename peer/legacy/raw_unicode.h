// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "net/bytes.h"

namespace peer::legacy {

/// The UTF-8 of a text in Python's raw-unicode-escape: \uXXXX and \UXXXXXXXX are code points, any other byte is the
/// code point of that number (Latin-1). A surrogate becomes three bytes, as it does in a pickle. At most twice as long
/// as the text. Nothing where an escape is cut off, has other digits, or is beyond U+10FFFF.
std::optional<net::Bytes> decode_raw_unicode_escape(std::string_view text);

}  // namespace peer::legacy
