// SPDX-License-Identifier: MIT
#include "net/journal.h"

#include <charconv>
#include <optional>

namespace net {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_journal(std::string_view journal_stream, std::uint64_t device, std::uint64_t inode) {
  std::size_t colon = journal_stream.find(':');
  if (colon == std::string_view::npos) return false;
  return number(journal_stream.substr(0, colon)) == device && number(journal_stream.substr(colon + 1)) == inode;
}

}  // namespace net
