// SPDX-License-Identifier: MIT
#include "peer/introducer/protocol.h"

#include <algorithm>
#include <array>

#include "net/check.h"
#include "net/number.h"

namespace peer::introducer {
namespace {

bool is_id_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = net::parse_exact_number<std::uint16_t>(text);
  return port && *port != 0 ? port : std::nullopt;
}

std::optional<std::uint32_t> parse_count(std::string_view text) {
  const auto count = net::parse_exact_number<std::uint32_t>(text);
  return count && *count <= kMaxCount ? count : std::nullopt;
}

std::optional<Join> to_join(const std::vector<std::string>& args) {
  if (args.size() < 2 || args.size() > 4 || !is_peer_id(args[0])) return std::nullopt;
  auto address = net::IpAddress::parse(args[1]);
  auto port = args.size() > 2 ? parse_port(args[2]) : net::kPeerPort;
  auto count = args.size() > 3 ? parse_count(args[3]) : kDefaultCount;
  if (!address || !port || !count) return std::nullopt;
  return Join{{args[0], {*std::move(address), *port}}, *count};
}

}  // namespace

bool is_peer_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdSize && std::all_of(text.begin(), text.end(), is_id_character);
}

net::Result<Command, control::Status> to_command(const control::Request& request) {
  if (request.op == "JOIN") {
    auto join = to_join(request.args);
    if (!join) return net::Failure{control::kMalformedRequest};
    return Command(*std::move(join));
  }
  if (request.op == "DELETE" || request.op == "LEAVE") {
    if (request.args.size() != 1 || !is_peer_id(request.args[0])) return net::Failure{control::kMalformedRequest};
    return Command(Leave{request.args[0]});
  }
  return net::Failure{control::kUnknownOperation};
}

control::Request to_request(const Command& command) {
  if (const auto* leave = std::get_if<Leave>(&command)) {
    CHECK(is_peer_id(leave->id));
    return {"DELETE", {leave->id}};
  }
  const auto& join = std::get<Join>(command);
  CHECK(is_peer_id(join.peer.id) && join.peer.endpoint.port != 0 && join.count <= kMaxCount);
  control::Request request{
      "JOIN", {join.peer.id, join.peer.endpoint.address.to_string(), std::to_string(join.peer.endpoint.port)}};
  // Left out where it says nothing new, for introducers that do not know it.
  if (join.count != kDefaultCount) request.args.push_back(std::to_string(join.count));
  return request;
}

std::string format_peer(std::size_t row, const Peer& peer) {
  return std::to_string(row) + ',' + peer.id + ',' + peer.endpoint.address.to_string() + ',' +
         std::to_string(peer.endpoint.port);
}

std::optional<Peer> parse_peer(std::string_view line) {
  std::array<std::string_view, 4> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto comma = i + 1 < fields.size() ? line.find(',') : line.size();
    if (comma == std::string_view::npos) return std::nullopt;
    fields[i] = line.substr(0, comma);
    line.remove_prefix(std::min(comma + 1, line.size()));
  }
  auto address = net::IpAddress::parse(fields[2]);
  auto port = parse_port(fields[3]);
  if (!net::parse_exact_number<std::uint32_t>(fields[0]) || !is_peer_id(fields[1]) || !address || !port)
    return std::nullopt;
  return Peer{std::string(fields[1]), {*std::move(address), *port}};
}

}  // namespace peer::introducer
