// SPDX-License-Identifier: MIT
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/members/announce_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peer::members;
  auto announcement = parse_announcement({reinterpret_cast<const std::byte*>(data), size});
  if (!announcement) return 0;
  // What was read can be written again, apart from files for which our way to write needs more room.
  auto text = encode_announcement(*announcement);
  CHECK(text && text->size() <= kMaxAnnouncementSize);
  auto again = parse_announcement(net::as_bytes(*text));
  CHECK(again.ok() && again->id == announcement->id && again->port == announcement->port);
  CHECK(again->user == announcement->user && again->files.size() <= announcement->files.size());
  CHECK(encode_announcement(*again) == text);
  return 0;
}
