// SPDX-License-Identifier: MIT
#include "peer/shell/recall.h"

#include <algorithm>

#include "net/utf8.h"
#include "peer/shell/words.h"

namespace peer::shell {
namespace {

bool is_line(std::string_view line) {
  if (line.empty() || line.size() > kMaxLine || !net::is_utf8(line)) return false;
  const auto words = split_line(line);
  return words || words.error() != LineError::kControlCharacter;
}

void add(std::vector<std::string>& lines, std::string_view line) {
  if (is_line(line) && (lines.empty() || lines.back() != line)) lines.emplace_back(line);
}

}  // namespace

std::vector<std::string> parse_recall(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    add(lines, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (lines.size() > kMaxRecalled) lines.erase(lines.begin(), lines.end() - kMaxRecalled);
  return lines;
}

std::string add_to_recall(std::string_view text, const std::vector<std::string>& typed) {
  std::vector<std::string> lines = parse_recall(text);
  for (const std::string& line : typed) add(lines, line);
  std::size_t first = lines.size(), bytes = 0;
  while (first > 0 && lines.size() - first < kMaxRecalled && bytes + lines[first - 1].size() < kMaxRecallFile) {
    bytes += lines[--first].size() + 1;
  }
  std::string out;
  for (; first < lines.size(); ++first) out += lines[first] + '\n';
  return out;
}

}  // namespace peer::shell
