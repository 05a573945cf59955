// SPDX-License-Identifier: MIT
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/operations/events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peer::operations;
  auto event = parse_json_line(net::as_text({reinterpret_cast<const std::byte*>(data), size}));
  if (!event) return 0;
  auto line = to_json_line(*event);
  CHECK(line.size() <= kMaxEventLine);
  for (char c : line) CHECK(c >= 0x20 && c < 0x7f);
  // Writing may shorten; what is written once stays as it is.
  auto again = parse_json_line(line);
  CHECK(again.ok() && to_json_line(*again) == line);
  return 0;
}
