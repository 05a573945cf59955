// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "net/address.h"
#include "net/result.h"
#include "peer/control/grammar.h"

/// What the introducer's requests and answers mean (p2pdns(8), PROTOCOL); their lines are those of control/grammar.h.
namespace peer::introducer {

inline constexpr std::uint16_t kPort = 7494;
inline constexpr std::size_t kMaxIdSize = 64;
inline constexpr std::size_t kDefaultCount = 5;
inline constexpr std::size_t kMaxCount = 32;

inline constexpr control::Status kAddressRefused{403, "ADDRESS REFUSED"};
inline constexpr control::Status kTooManyRequests{429, "TOO MANY REQUESTS"};
inline constexpr control::Status kFull{503, "FULL"};

/// 1..kMaxIdSize letters, digits, '.', '_' and '-'.
bool is_peer_id(std::string_view text);

/// A peer and where it says it can be reached.
struct Peer {
  std::string id;
  net::Endpoint endpoint;
  auto operator<=>(const Peer&) const = default;
};

struct Join {
  Peer peer;                          ///< An unspecified address stands for the one the request comes from.
  std::size_t count = kDefaultCount;  ///< How many others to tell, at most kMaxCount.
  bool operator==(const Join&) const = default;
};
struct Leave {
  std::string id;
  bool operator==(const Leave&) const = default;
};
using Command = std::variant<Join, Leave>;

/// Fails with kUnknownOperation or kMalformedRequest.
net::Result<Command, control::Status> to_command(const control::Request& request);
/// REQUIRES: a peer id, a port that is not 0, a count of at most kMaxCount.
control::Request to_request(const Command& command);

/// The data line "row,peer_id,ip,port".
std::string format_peer(std::size_t row, const Peer& peer);
/// The inverse, whatever the row's number.
std::optional<Peer> parse_peer(std::string_view line);

}  // namespace peer::introducer
