// SPDX-License-Identifier: MIT
#include "peer/host_names.h"

#include <optional>

#include "net/resolve.h"

namespace peer {
namespace {

struct HostAndPort {
  std::string host;
  std::uint16_t port;
};

/// A name has no colon, but what stands before a port may.
std::optional<HostAndPort> split(const std::string& text, std::uint16_t default_port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return HostAndPort{text, default_port};
  if (text.find(':') != colon) return std::nullopt;
  // The address stands in only to have the port checked.
  auto with_port = net::Endpoint::parse("0.0.0.0" + text.substr(colon));
  if (!with_port) return std::nullopt;
  return HostAndPort{text.substr(0, colon), with_port->port};
}

}  // namespace

std::vector<net::Endpoint> look_up_host(const std::string& option, const std::string& text,
                                        std::uint16_t default_port) {
  if (auto endpoint = net::Endpoint::parse(text, default_port)) return {*endpoint};
  auto parts = split(text, default_port);
  if (!parts || parts->host.empty() || parts->host.front() == '[') {
    throw BadUsage(option + ": '" + text + "' is not HOST[:PORT]");
  }
  std::vector<net::Endpoint> endpoints;
  for (const net::IpAddress& address : net::resolve_host(parts->host)) endpoints.push_back({address, parts->port});
  if (endpoints.empty()) throw std::runtime_error(option + ": no host named '" + text + "' was found");
  return endpoints;
}

}  // namespace peer
