// SPDX-License-Identifier: MIT
#include "scanner/vendors.h"

#include <algorithm>
#include <optional>

#include "net/number.h"

namespace scanner {
namespace {

// Prefix and length in one number: equal prefixes of different lengths are different keys.
constexpr std::uint64_t key_of(std::uint64_t top_of_48, unsigned bits) { return top_of_48 << 8 | bits; }

std::optional<std::uint64_t> parse_assignment(std::string_view digits) {
  if (digits.size() != 6 && digits.size() != 7 && digits.size() != 9) return std::nullopt;
  const auto value = net::parse_number<std::uint64_t>(digits, 16);
  if (!value) return std::nullopt;
  const auto bits = static_cast<unsigned>(digits.size() * 4);
  return key_of(*value << (48 - bits), bits);
}

// Takes the next field of a CSV line off its front; a quoted one without its outer quotes.
std::string_view take_field(std::string_view& line) {
  std::size_t end = 0;
  if (line.starts_with('"')) {
    end = 1;
    while (end < line.size() && (line[end] != '"' || line.substr(end + 1).starts_with('"'))) {
      end += line[end] == '"' ? 2U : 1U;
    }
    const std::string_view field = line.substr(1, std::min(end, line.size()) - 1);
    line.remove_prefix(std::min(end + 1, line.size()));
    if (line.starts_with(',')) line.remove_prefix(1);
    return field;
  }
  end = std::min(line.find(','), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

}  // namespace

void Vendors::add_registry(std::string csv) {
  texts_.push_back(std::move(csv));
  std::string_view text = texts_.back();
  entries_.reserve(entries_.size() + text.size() / 80);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    take_field(line);
    const auto prefix = parse_assignment(take_field(line));
    const std::string_view name = trimmed(take_field(line));
    if (prefix && !name.empty()) entries_.push_back({*prefix, name});
  }
}

void Vendors::finish() {
  // Where a prefix stands twice, the first line counts, whatever the sort does with equals.
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.prefix < b.prefix; });
}

const Vendors::Entry* Vendors::find(std::uint64_t mac, unsigned bits) const {
  const std::uint64_t key = key_of(mac >> (48 - bits) << (48 - bits), bits);
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), key,
                                      [](const Entry& entry, std::uint64_t k) { return entry.prefix < k; });
  return found != entries_.end() && found->prefix == key ? &*found : nullptr;
}

std::string Vendors::name(const net::MacAddress& mac) const {
  if (mac.is_locally_administered()) return "(random/local)";
  std::uint64_t value = 0;
  for (const std::uint8_t octet : mac.octets) value = value << 8 | octet;
  for (const unsigned bits : {36U, 28U, 24U}) {
    const Entry* entry = find(value, bits);
    if (entry == nullptr) continue;
    std::string name;
    for (std::size_t i = 0; i < entry->name.size(); ++i) {
      name += entry->name[i];
      if (entry->name.substr(i).starts_with("\"\"")) ++i;
    }
    return name;
  }
  return {};
}

}  // namespace scanner
