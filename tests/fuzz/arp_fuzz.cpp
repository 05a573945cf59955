// SPDX-License-Identifier: MIT
// Any frame: what is accepted must be evidence of a host, and be read back from what we would write. (threats T12)
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/check.h"
#include "scanner/arp_codec.h"
#include "scanner/evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = scanner::decode_arp(std::as_bytes(std::span(data, size)));
  if (!message.ok()) return 0;
  CHECK(size >= 42);
  CHECK(!message->sender_mac.is_zero() && !message->sender_mac.is_multicast());
  CHECK(!message->sender.is_unspecified() && !message->sender.is_multicast() && !message->sender.is_loopback());
  const auto again = scanner::decode_arp(scanner::encode_arp(*message));
  CHECK(again.ok() && *again == *message);
  (void)scanner::judge(*message, net::MacAddress{});
  return 0;
}
