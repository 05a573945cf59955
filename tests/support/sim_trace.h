// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/bytes.h"
#include "net/time.h"

namespace support {

/// What happened in a simulation, event by event, as a hash; as text too where asked for. Two runs of one seed give the
/// same of both.
class SimTrace {
 public:
  /// Keeps the text from now on.
  void record_text() { text_wanted_ = true; }

  /// `what` happened on host `host` at `at` since the start; the two numbers are the event's own.
  void event(net::Duration at, std::string_view what, std::size_t host, std::uint64_t first = 0,
             std::uint64_t second = 0);
  /// Content that went over the network: only in the hash.
  void content(net::ByteView bytes);

  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }
  /// A line an event.
  const std::string& text() const { return text_; }

 private:
  void mix(std::uint64_t value);

  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t events_ = 0;
  bool text_wanted_ = false;
  std::string text_;
};

}  // namespace support
