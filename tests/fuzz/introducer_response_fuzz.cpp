// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/introducer/client.h"
#include "tests/support/pieces.h"

namespace {

using namespace peer::introducer;

struct Parsed {
  std::vector<Answer> answers;
  std::optional<AnswerError> error;
  bool idle = false;
  bool operator==(const Parsed&) const = default;
};

Parsed parse(std::string_view bytes, std::size_t step) {
  Parsed out;
  AnswerParser parser;
  support::feed_in_pieces(parser, bytes, step, [&](auto answer) {
    if (answer) {
      out.answers.push_back(*std::move(answer));
    } else {
      out.error = answer.error();
    }
    return !out.error;
  });
  out.idle = parser.idle();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = net::as_text({reinterpret_cast<const std::byte*>(data), size});
  const Parsed parsed = parse(bytes, bytes.size() + 1);
  CHECK(parsed == parse(bytes, 1));
  CHECK(!parsed.error || !parsed.idle);
  std::string again;
  for (const Answer& answer : parsed.answers) {
    CHECK(answer.peers.size() <= kMaxCount);
    std::vector<std::string> lines;
    for (const Peer& peer : answer.peers) {
      CHECK(is_peer_id(peer.id) && peer.endpoint.port != 0);
      lines.push_back(format_peer(lines.size() + 1, peer));
    }
    again += peer::control::format_response({answer.code, answer.message}, lines);
  }
  // Rows and addresses may have been written otherwise, but they say the same.
  CHECK(parse(again, again.size() + 1).answers == parsed.answers);
  return 0;
}
