// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>

#include "net/iface.h"

namespace net {
namespace {

// Columns of /proc/net/route, and flags of <linux/route.h>.
enum Column { kName, kDestination, kGateway, kFlags, kRefCount, kUse, kMetric, kMask, kColumns };
constexpr std::uint32_t kUp = 0x0001;
constexpr std::uint32_t kReject = 0x0200;

std::optional<std::uint32_t> number(std::string_view text, int base) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Route {
  std::string_view interface;
  std::uint32_t metric = 0;
};

/// The default route that a line of the table describes; nothing for other lines, the heading among them.
std::optional<Route> default_route(std::string_view line) {
  std::array<std::string_view, kColumns> columns;
  for (std::string_view& column : columns) {
    std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return std::nullopt;
    std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    column = line.substr(begin, end - begin);
    line.remove_prefix(end);
  }
  auto flags = number(columns[kFlags], 16);
  auto metric = number(columns[kMetric], 10);
  bool everything = number(columns[kDestination], 16) == 0u && number(columns[kMask], 16) == 0u;
  if (!everything || !flags || !metric || (*flags & kUp) == 0 || (*flags & kReject) != 0) return std::nullopt;
  return Route{columns[kName], *metric};
}

}  // namespace

std::optional<std::string> default_route_in(std::string_view table) {
  std::optional<Route> best;
  while (!table.empty()) {
    std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    auto route = default_route(line);
    if (route && (!best || route->metric < best->metric)) best = route;
  }
  if (!best) return std::nullopt;
  return std::string(best->interface);
}

}  // namespace net
