// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/result.h"

/// The lines of `p2ppeer shell` (p2ppeer(1), SHELL). Words stand between blanks; '...' keeps everything as it is, "..."
/// everything but \" and \\, and a backslash outside of quotes the character behind it. From a # that begins a word to
/// the end is a comment.
namespace peer::shell {

inline constexpr std::size_t kMaxLine = 8192;  ///< Bytes, without its end.

enum class LineError { kTooLong, kOpenQuote, kOpenBackslash, kControlCharacter };
/// For people.
std::string_view describe(LineError error);

/// The words; none for a blank line. Control characters other than the tabulator belong in no line.
net::Result<std::vector<std::string>, LineError> split_line(std::string_view line);

enum class Quote { kNone, kSingle, kDouble };

/// A line up to the cursor.
struct PartialLine {
  std::vector<std::string> words;  ///< Before the one that is being typed.
  std::string word;                ///< That one, as far as it is; may be empty.
  std::size_t begin = 0;           ///< Where it begins in the line.
  Quote quote = Quote::kNone;      ///< That it is in.
  bool comment = false;            ///< Nothing of it counts.
};
PartialLine split_partial(std::string_view line);

/// How to type a word, of which `quote` is open: split_line() gives the text again. With `whole` the quote is closed.
/// REQUIRES: no control character but the tabulator in it.
std::string quote_word(std::string_view text, Quote quote = Quote::kNone, bool whole = true);

}  // namespace peer::shell
