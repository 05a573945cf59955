// SPDX-License-Identifier: MIT
// Any frame: what is accepted must be evidence of a host.
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/check.h"
#include "scanner/ndp_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto evidence = scanner::decode_ndp(std::as_bytes(std::span(data, size)), 0x1234);
  if (!evidence.ok()) return 0;
  CHECK(size >= 62);
  CHECK(!evidence->mac.is_zero() && !evidence->mac.is_multicast());
  CHECK(!evidence->address.is_unspecified() && !evidence->address.is_multicast() && evidence->address.zone.empty());
  return 0;
}
