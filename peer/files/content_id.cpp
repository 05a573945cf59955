// SPDX-License-Identifier: MIT
#include "peer/files/content_id.h"

#include <charconv>
#include <cstring>

#include "net/bytes.h"

namespace peer::files {
namespace {

constexpr std::string_view kPrefix = "p2p:";
constexpr std::size_t kHexDigits = 2 * std::tuple_size_v<Hash>;

std::optional<std::uint64_t> parse_length(std::string_view digits) {
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return length;
}

/// The text as a pair, which need not be valid().
std::optional<ContentId> parse_pair(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() <= kHexDigits || text[kHexDigits] != ':') return std::nullopt;
  ContentId id;
  if (!net::from_hex(text.substr(0, kHexDigits), id.root)) return std::nullopt;
  const auto length = parse_length(text.substr(kHexDigits + 1));
  if (!length) return std::nullopt;
  id.length = *length;
  return id;
}

}  // namespace

std::string ContentId::to_string() const {
  return std::string(kPrefix) + net::to_hex(root) + ":" + std::to_string(length);
}

std::optional<ContentId> ContentId::parse(std::string_view text) {
  auto id = parse_pair(text);
  if (id && !id->valid()) return std::nullopt;
  return id;
}

std::string ContentId::why_not(std::string_view text) {
  const auto id = parse_pair(text);
  if (!id) return "not an id: p2p:<64 hex digits>:<length> is wanted";
  if (id->length == 0) return "no file has this id: with the length 0 all 64 digits are zeros";
  if (id->root == Hash{}) return "no file has this id: 64 zeros stand for an empty file, which has the length 0";
  return "no file has this id: its length is more than 4 TiB";
}

std::size_t ContentIdHash::operator()(const ContentId& id) const noexcept {
  std::size_t first = 0;
  std::memcpy(&first, id.root.data(), sizeof first);
  return first ^ static_cast<std::size_t>(id.length);
}

}  // namespace peer::files
