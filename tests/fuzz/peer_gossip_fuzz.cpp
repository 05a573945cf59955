// SPDX-License-Identifier: MIT
#include "peer/wire/peer_gossip.h"

#include "net/check.h"

/// The bytes behind the 0x10. Whole and byte by byte give the same; what was read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peer::wire;
  using State = PeerGossipParser::State;
  const net::ByteView in = std::as_bytes(std::span(data, size));
  PeerGossipParser whole;
  const std::size_t consumed = whole.feed(in);
  PeerGossipParser bytewise;
  std::size_t taken = 0;
  while (taken < size && bytewise.state() == State::kMore) {
    const std::size_t step = bytewise.feed(in.subspan(taken, 1));
    CHECK(step == 1 || bytewise.state() != State::kMore);
    taken += step;
  }
  CHECK(taken == consumed && bytewise.state() == whole.state());
  CHECK(bytewise.endpoints() == whole.endpoints() && bytewise.dropped() == whole.dropped());
  CHECK(whole.endpoints().size() <= PeerGossipParser::kMaxEntries);

  PeerGossipParser again;
  again.feed(net::ByteView(encode_peer_gossip(whole.endpoints())).subspan(1));
  CHECK(again.state() == State::kDone && again.dropped() == 0 && again.endpoints() == whole.endpoints());
  return 0;
}
