// SPDX-License-Identifier: MIT
#include "peer/wire/messages.h"

#include "net/check.h"
#include "net/frame.h"

/// A type byte, then a payload. What is decoded encodes to bytes that decode to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peer::wire;
  if (size == 0) return 0;
  const net::ByteView payload = std::as_bytes(std::span(data + 1, size - 1));
  const auto decoded = decode(data[0], payload);
  if (!decoded) return 0;
  Message message = *decoded;
  // What was left out is not encoded.
  if (Catalog* catalog = std::get_if<Catalog>(&message)) catalog->dropped = 0;
  if (Offer* offer = std::get_if<Offer>(&message)) offer->dropped = 0;
  const net::Bytes frame = encode(message);
  const auto header = net::decode_frame_header(frame);
  CHECK(header && header->type == data[0] && header->length <= payload.size());
  const auto again = decode(header->type, net::ByteView(frame).subspan(net::FrameHeader::kSize));
  CHECK(again.ok() && *again == message);
  return 0;
}
