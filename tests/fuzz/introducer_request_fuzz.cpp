// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/introducer/client.h"
#include "peer/introducer/session.h"

namespace {

using namespace peer::introducer;

const net::TimePoint kNow{std::chrono::hours(1)};

/// What an introducer that knows one peer answers to `bytes`, read in pieces of `step`.
std::string answers_to(std::string_view bytes, std::size_t step, Directory& directory) {
  Service service(directory);
  Session session(kNow, {net::Ipv4Address{0x0a000001}, 40000}, service);
  directory.join(kNow, {"other", {net::Ipv4Address{0x0a000002}, 12345}});
  std::string out;
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    session.receive(kNow, piece);
    while (!session.output().empty()) {
      CHECK(session.output().size() <= Session::kHighWater + AnswerParser::kMaxContent + 256);
      out += session.output();
      session.sent(kNow, session.output().size());
      session.step(kNow);
    }
  }
  session.end_of_input();
  session.step(kNow);
  CHECK(session.over());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = net::as_text({reinterpret_cast<const std::byte*>(data), size});
  Directory whole({}), split({});
  const std::string out = answers_to(bytes, 4096, whole);
  CHECK(out == answers_to(bytes, 1, split));
  CHECK(whole.size() == split.size() && whole.size() <= 1 + Directory::kPerOrigin);
  // Whatever was asked, nobody but the asker and the one that was there is known.
  for (const Peer& peer : whole.newest(kNow, "", net::Ipv4Address{0x0a000003}, kMaxCount)) {
    CHECK(peer.id == "other" || peer.endpoint.address == net::IpAddress(net::Ipv4Address{0x0a000001}));
    CHECK(is_peer_id(peer.id) && peer.endpoint.port >= Service::kLowestPort);
  }
  // A client can read every answer.
  AnswerParser parser;
  std::string_view rest = out;
  while (auto answer = parser.feed(rest)) CHECK(answer->ok());
  CHECK(parser.idle());
  return 0;
}
