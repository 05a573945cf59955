// SPDX-License-Identifier: MIT
#include "peer/shell/words.h"

#include <algorithm>
#include <utility>

namespace peer::shell {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

/// Reads a line character by character.
class Splitter {
 public:
  void take(char c, std::size_t position) {
    if (line_.comment) return;
    if (escaped_) {
      // In double quotes a backslash stands for itself before all but these.
      if (line_.quote == Quote::kDouble && c != '"' && c != '\\') line_.word += '\\';
      line_.word += c;
      escaped_ = false;
    } else if (line_.quote != Quote::kNone) {
      take_quoted(c);
    } else if (is_blank(c)) {
      end_word();
    } else if (c == '#' && !in_word_) {
      line_.comment = true;
    } else {
      if (!in_word_) line_.begin = position;
      in_word_ = true;
      take_plain(c);
    }
  }
  void end_word() {
    if (in_word_) line_.words.push_back(std::exchange(line_.word, {}));
    in_word_ = false;
  }
  bool in_word() const { return in_word_; }
  bool escaped() const { return escaped_; }
  PartialLine& line() { return line_; }

 private:
  void take_quoted(char c) {
    if (c == (line_.quote == Quote::kSingle ? '\'' : '"')) {
      line_.quote = Quote::kNone;
    } else if (c == '\\' && line_.quote == Quote::kDouble) {
      escaped_ = true;
    } else {
      line_.word += c;
    }
  }
  void take_plain(char c) {
    if (c == '\\') {
      escaped_ = true;
    } else if (c == '\'') {
      line_.quote = Quote::kSingle;
    } else if (c == '"') {
      line_.quote = Quote::kDouble;
    } else {
      line_.word += c;
    }
  }

  PartialLine line_;
  bool in_word_ = false;
  bool escaped_ = false;
};

Splitter read_line(std::string_view line) {
  Splitter splitter;
  for (std::size_t i = 0; i < line.size(); ++i) splitter.take(line[i], i);
  return splitter;
}

}  // namespace

std::string_view describe(LineError error) {
  switch (error) {
    case LineError::kTooLong:
      return "the line is too long";
    case LineError::kOpenQuote:
      return "a quote is not closed";
    case LineError::kOpenBackslash:
      return "nothing stands behind the last backslash";
    case LineError::kControlCharacter:
      return "the line holds a control character";
  }
  return "";
}

net::Result<std::vector<std::string>, LineError> split_line(std::string_view line) {
  if (line.size() > kMaxLine) return net::Failure{LineError::kTooLong};
  if (std::any_of(line.begin(), line.end(), is_control)) return net::Failure{LineError::kControlCharacter};
  Splitter splitter = read_line(line);
  if (splitter.escaped()) return net::Failure{LineError::kOpenBackslash};
  if (splitter.line().quote != Quote::kNone) return net::Failure{LineError::kOpenQuote};
  splitter.end_word();
  return std::move(splitter.line().words);
}

PartialLine split_partial(std::string_view line) {
  Splitter splitter = read_line(line);
  if (!splitter.in_word()) splitter.line().begin = line.size();
  return std::move(splitter.line());
}

std::string quote_word(std::string_view text, Quote quote, bool whole) {
  if (quote == Quote::kSingle && text.find('\'') == std::string_view::npos) {
    return "'" + std::string(text) + (whole ? "'" : "");
  }
  std::string_view special = " \t'\"\\";
  std::string out;
  if (quote == Quote::kSingle) quote = Quote::kDouble;
  if (quote == Quote::kDouble) {
    special = "\"\\";
    out = "\"";
  } else if (text.empty()) {
    return "''";
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (special.find(text[i]) != std::string_view::npos || (i == 0 && text[i] == '#' && quote == Quote::kNone)) {
      out += '\\';
    }
    out += text[i];
  }
  if (quote == Quote::kDouble && whole) out += '"';
  return out;
}

}  // namespace peer::shell
