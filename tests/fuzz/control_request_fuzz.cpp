// SPDX-License-Identifier: MIT
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/control/command.h"
#include "peer/control/grammar.h"
#include "tests/support/pieces.h"

namespace {

using peer::control::RequestParser;

/// The requests in `bytes`, fed in pieces of `step` bytes; malformed ones are left out.
std::vector<peer::control::Request> requests_of(std::string_view bytes, std::size_t step) {
  std::vector<peer::control::Request> out;
  RequestParser parser;
  support::feed_in_pieces(parser, bytes, step, [&](auto request) {
    if (request) out.push_back(*std::move(request));
    return request || request.error() != peer::control::RequestError::kTooLong;
  });
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = net::as_text({reinterpret_cast<const std::byte*>(data), size});
  auto requests = requests_of(bytes, bytes.size() + 1);
  CHECK(requests == requests_of(bytes, 1));
  for (const auto& request : requests) {
    // The encoding may be longer than what was read, so it may fail to fit; it never differs.
    if (auto line = peer::control::format_request(request)) {
      auto again = requests_of(*line, line->size());
      CHECK(again.size() == 1 && again[0] == request);
    }
    if (auto command = peer::control::to_command(request)) {
      auto back = peer::control::to_command(peer::control::to_request(*command));
      CHECK(back.ok() && *back == *command);
    }
  }
  return 0;
}
