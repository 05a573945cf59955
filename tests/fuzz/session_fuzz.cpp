// SPDX-License-Identifier: MIT
#include "peer/wire/session.h"

#include <algorithm>
#include <deque>

#include "net/check.h"

namespace {

using namespace peer::wire;

/// Keeps payloads, or discards those with an odd request number.
struct Sink : ChunkSink {
  std::deque<net::Bytes> payloads;
  Placement place(const ChunkHeader& header, std::uint32_t size) override {
    if (header.request % 2 == 1) return Discard{};
    payloads.emplace_back(size);
    return Place{payloads.back()};
  }
};

struct Outcome {
  std::vector<Event> events;
  std::size_t queued = 0;
};

void take_events(Session& session, std::vector<Event>& events) {
  while (auto event = session.next_event()) events.push_back(std::move(*event));
}

Outcome run(Role role, net::ByteView in, std::size_t step) {
  Sink sink;
  const net::TimePoint now{std::chrono::hours(1)};
  Hello own;
  own.name = "fuzz";
  Session session(role, own, std::nullopt, sink, {}, now);
  Outcome out;
  while (!in.empty()) {
    const std::span<std::byte> space = session.space();
    if (space.empty()) break;
    const std::size_t count = std::min({in.size(), space.size(), step});
    std::copy_n(in.begin(), count, space.begin());
    session.received(now, count);
    in = in.subspan(count);
    take_events(session, out.events);
  }
  session.end_of_input();
  take_events(session, out.events);
  out.queued = session.queue().pending();
  CHECK(!out.events.empty() && std::holds_alternative<Failed>(out.events.back()));
  return out;
}

}  // namespace

/// First byte: the role (lowest bit) and the size of the pieces; then what comes on the connection. However it is split
/// the events are the same, and the last one is the failure.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Role role = data[0] % 2 == 0 ? Role::kDialled : Role::kAccepted;
  const net::ByteView in = std::as_bytes(std::span(data + 1, size - 1));
  const Outcome whole = run(role, in, std::size_t{1} << 30);
  const Outcome split = run(role, in, data[0] / 2u + 1u);
  CHECK(whole.events == split.events && whole.queued == split.queued);
  return 0;
}
