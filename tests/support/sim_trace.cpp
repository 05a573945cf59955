// SPDX-License-Identifier: MIT
#include "tests/support/sim_trace.h"

#include <cstring>

namespace support {

void SimTrace::mix(std::uint64_t value) {
  // FNV-1a, eight bytes at a time with a fold of the high half, which the multiplication alone never brings down.
  hash_ = (hash_ ^ value) * 0x100000001b3;
  hash_ ^= hash_ >> 32;
}

void SimTrace::event(net::Duration at, std::string_view what, std::size_t host, std::uint64_t first,
                     std::uint64_t second) {
  ++events_;
  mix(static_cast<std::uint64_t>(at.count()));
  content(net::as_bytes(what));
  mix(host);
  mix(first);
  mix(second);
  if (!text_wanted_) return;
  text_ += std::to_string(at.count()) + " " + std::to_string(host) + " " + std::string(what) + " " +
           std::to_string(first) + " " + std::to_string(second) + "\n";
}

void SimTrace::content(net::ByteView bytes) {
  mix(bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), count);
    mix(word);
    bytes = bytes.subspan(count);
  }
}

}  // namespace support
