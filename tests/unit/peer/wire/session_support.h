// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "peer/wire/session.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/peer/wire/samples.h"

/// What the tests of Session share.
namespace peer::wire {

/// Keeps every payload, or answers as the test says.
class FakeSink : public ChunkSink {
 public:
  enum class Answer { kPlace, kDiscard, kWait };
  Answer answer = Answer::kPlace;
  int asked = 0;
  std::deque<std::pair<ChunkHeader, net::Bytes>> places;

  Placement place(const ChunkHeader& header, std::uint32_t size) override {
    ++asked;
    if (answer == Answer::kWait) return Wait{};
    if (answer == Answer::kDiscard) return Discard{};
    places.emplace_back(header, net::Bytes(size));
    return Place{places.back().second};
  }
};

inline Hello hello_of(std::string name, std::uint64_t instance) {
  Hello hello = samples::hello();
  hello.name = std::move(name);
  hello.instance = instance;
  return hello;
}

/// One session with its sink and its clock.
struct Fixture {
  explicit Fixture(Role role, std::optional<std::vector<net::Endpoint>> peers = std::nullopt, SessionLimits limits = {})
      : session(role, hello_of("own", 1), std::move(peers), sink, limits, clock.now()) {}

  support::ManualClock clock;
  FakeSink sink;
  Session session;

  std::vector<Event> events() {
    std::vector<Event> out;
    while (auto event = session.next_event()) out.push_back(std::move(*event));
    return out;
  }

  /// Gives the bytes in pieces of at most `step`, taking all events after each.
  std::vector<Event> feed(net::ByteView bytes, const std::function<std::size_t()>& step) {
    std::vector<Event> out;
    while (!bytes.empty()) {
      const std::span<std::byte> space = session.space();
      if (space.empty()) break;
      const std::size_t count = std::min({space.size(), bytes.size(), step()});
      std::copy_n(bytes.begin(), count, space.begin());
      session.received(clock.now(), count);
      bytes = bytes.subspan(count);
      for (Event& event : events()) out.push_back(std::move(event));
    }
    unread = bytes.size();
    return out;
  }
  std::vector<Event> feed(net::ByteView bytes) {
    return feed(bytes, [] { return std::size_t{1} << 30; });
  }
  std::vector<Event> feed(const Message& message) { return feed(encode(message)); }

  /// Everything queued (no file ranges), as a socket would take it.
  net::Bytes sent() {
    net::Bytes out;
    while (!session.queue().empty()) {
      const auto front = session.queue().front();
      const net::ByteView view = std::get<net::ByteView>(front);
      out.insert(out.end(), view.begin(), view.end());
      session.queue().consume(view.size());
    }
    return out;
  }

  /// An established session that has nothing queued.
  void establish() {
    feed(hello_of("other", 2));
    sent();
  }

  std::size_t unread = 0;  ///< Bytes of the last feed() for which there was no space.
};

inline void append(net::Bytes& to, net::ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
inline void append(net::Bytes& to, std::string_view text) { append(to, net::as_bytes(text)); }

/// The failure at the end of the events; nothing when they end otherwise.
inline std::optional<ErrorCode> failure_of(const std::vector<Event>& events) {
  if (events.empty()) return std::nullopt;
  const Failed* failed = std::get_if<Failed>(&events.back());
  return failed != nullptr ? std::optional(failed->code) : std::nullopt;
}

}  // namespace peer::wire
