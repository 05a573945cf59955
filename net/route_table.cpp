// SPDX-License-Identifier: MIT
#include "net/route_table.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "net/number.h"

namespace net {
namespace {

// Columns of /proc/net/route, and flags of <linux/route.h>.
enum Column { kName, kDestination, kGateway, kFlags, kRefCount, kUse, kMetric, kMask, kColumns };
constexpr std::uint32_t kUp = 0x0001;
constexpr std::uint32_t kReject = 0x0200;

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
  const auto hex_in = [&](Column column) { return parse_number<std::uint32_t>(columns[column], 16); };
  const auto flags = hex_in(kFlags);
  const auto metric = parse_number<std::uint32_t>(columns[kMetric]);
  const bool everything = hex_in(kDestination) == 0u && hex_in(kMask) == 0u;
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
