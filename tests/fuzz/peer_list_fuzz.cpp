// SPDX-License-Identifier: MIT
// Any text as a peer list: what was read is written so that it reads back the same, and messages are short.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/check.h"
#include "net/peer_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  net::PeerList list = net::PeerList::parse(text);
  for (const net::PeerListProblem& problem : list.problems()) {
    CHECK(problem.what.size() <= 160);
    CHECK(problem.what.find('\n') == std::string::npos);
  }

  std::string written = list.format();
  net::PeerList again = net::PeerList::parse(written);
  CHECK(again.entries() == list.entries());
  CHECK(again.format() == written);

  for (const net::PeerListEntry& entry : list.entries()) {
    CHECK(list.contains(entry.endpoint));
    CHECK(!list.put(entry));
    CHECK(again.erase(entry.endpoint));
  }
  CHECK(again.size() == 0);
  return 0;
}
