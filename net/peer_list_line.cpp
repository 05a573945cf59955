// SPDX-License-Identifier: MIT
#include "net/peer_list_line.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "net/rfc3339.h"
#include "net/utf8.h"

namespace net {
namespace {

constexpr std::size_t kFields = 5;
constexpr std::size_t kMaxFlag = 32;

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// Enough of the text to find it by.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return '"' + std::string(text) + '"';
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return '"' + std::string(text.substr(0, end)) + "...\"";
}

/// Takes the first tab-separated field off `text`.
std::string_view take_field(std::string_view& text) {
  std::string_view field = text.substr(0, text.find('\t'));
  text.remove_prefix(std::min(field.size() + 1, text.size()));
  return field;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_flag(std::string_view flag) {
  return !flag.empty() && flag.size() <= kMaxFlag && std::all_of(flag.begin(), flag.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

/// Valid UTF-8 without control characters and outer spaces, cut between characters.
std::string clean_vendor(std::string_view text) {
  std::string valid = to_valid_utf8(text.substr(0, 4 * PeerListEntry::kMaxVendor));
  std::string clean;
  for (std::string_view left = valid; !left.empty();) {
    CodePoint point = *decode_utf8(left);
    if (clean.size() + point.length > PeerListEntry::kMaxVendor) break;
    bool control = point.value < 0x20 || (point.value >= 0x7f && point.value <= 0x9f);
    clean += control ? std::string_view(" ") : left.substr(0, point.length);
    left.remove_prefix(point.length);
  }
  return std::string(trimmed(clean));
}

void add_flag(std::string_view flag, std::vector<std::string>& flags, std::vector<std::string>& problems) {
  if (flag.empty()) return;
  if (!is_flag(flag)) {
    problems.push_back("not a flag, left out: " + quoted(flag));
  } else if (std::find(flags.begin(), flags.end(), flag) == flags.end()) {
    if (flags.size() < PeerListEntry::kMaxFlags) {
      flags.emplace_back(flag);
    } else {
      problems.push_back("more than " + std::to_string(PeerListEntry::kMaxFlags) + " flags, left out: " + quoted(flag));
    }
  }
}

/// The fields after the endpoint.
void parse_details(std::string_view text, PeerListLine& line) {
  std::string_view mac = trimmed(take_field(text));
  line.entry.vendor = clean_vendor(take_field(text));
  std::string_view last_seen = trimmed(take_field(text));
  std::string_view flags = take_field(text);
  line.rest = text;
  if (!mac.empty()) {
    line.entry.mac = MacAddress::parse(mac);
    if (!line.entry.mac) line.problems.push_back("not a MAC address, left out: " + quoted(mac));
  }
  if (is_rfc3339(last_seen)) {
    line.entry.last_seen = last_seen;
  } else if (!last_seen.empty()) {
    line.problems.push_back("not a time (RFC 3339), left out: " + quoted(last_seen));
  }
  while (!flags.empty()) {
    std::string_view flag = flags.substr(0, flags.find(','));
    flags.remove_prefix(std::min(flag.size() + 1, flags.size()));
    add_flag(trimmed(flag), line.entry.flags, line.problems);
  }
}

}  // namespace

PeerListLine parse_peer_list_line(std::string_view text) {
  PeerListLine line;
  auto bad = [&](std::string what) {
    line.kind = PeerListLine::Kind::kBad;
    line.problems.push_back(std::move(what));
    return line;
  };
  if (text.size() > PeerList::kMaxLine) return bad("longer than " + std::to_string(PeerList::kMaxLine) + " bytes");
  std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos || text[first] == '#') return line;

  std::string_view after = text;
  std::string_view field = take_field(after);
  // People put remarks after an address; a tab is needed only before the other fields.
  std::size_t remark = field.find(" #");
  std::string_view address = trimmed(field.substr(0, remark));
  auto endpoint = Endpoint::parse(address);
  if (!endpoint) {
    bool has_space = address.find(' ') != std::string_view::npos;
    return bad((has_space ? "not an address (a tab separates fields): " : "not an address: ") + quoted(address));
  }
  line.kind = PeerListLine::Kind::kEntry;
  line.entry.endpoint = std::move(*endpoint);
  if (remark != std::string_view::npos) {
    line.rest = text.substr(remark + 1);
  } else if (std::size_t begin = after.find_first_not_of(' '); begin != std::string_view::npos && after[begin] == '#') {
    line.rest = after.substr(begin);
  } else {
    parse_details(after, line);
  }
  return line;
}

std::string format_peer_list_line(const PeerListEntry& entry, std::string_view rest) {
  std::array<std::string, kFields> fields{entry.endpoint.to_short_string(), entry.mac ? entry.mac->to_string() : "",
                                          entry.vendor, entry.last_seen, ""};
  for (const std::string& flag : entry.flags) fields[4] += (fields[4].empty() ? "" : ",") + flag;
  // Empty fields at the end are left out, unless something stands behind them. A remark needs none before it.
  std::size_t used = kFields;
  while (used > 1 && fields[used - 1].empty()) --used;
  bool remark = used == 1 && !rest.empty() && rest[0] == '#';
  std::string line = fields[0];
  for (std::size_t i = 1; i < used; ++i) line += '\t' + fields[i];
  if (rest.empty()) return line;
  std::string tail = std::string(remark ? 1 : kFields - used + 1, '\t') + std::string(rest);
  return line.size() + tail.size() <= PeerList::kMaxLine ? line + tail : line;
}

PeerListEntry normalised(PeerListEntry entry) {
  entry.vendor = clean_vendor(entry.vendor);
  if (!is_rfc3339(entry.last_seen)) entry.last_seen.clear();
  std::vector<std::string> flags, ignored;
  for (const std::string& flag : entry.flags) add_flag(flag, flags, ignored);
  entry.flags = std::move(flags);
  return entry;
}

}  // namespace net
