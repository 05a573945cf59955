// SPDX-License-Identifier: MIT
// Any bytes as a run of frames, taken apart with the checked reader and put together again.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "net/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  net::ByteView in = std::as_bytes(std::span(data, size));
  net::ByteReader reader(in);
  std::size_t taken = 0;
  while (reader.remaining() >= net::FrameHeader::kSize) {
    auto header = net::decode_frame_header(reader.bytes(net::FrameHeader::kSize));
    if (!header) break;
    CHECK(net::is_frame_type(header->type));
    if (header->length > reader.remaining()) break;
    net::ByteView payload = reader.bytes(header->length);
    net::Bytes frame = net::encode_frame(header->type, payload);
    net::ByteView original = in.subspan(taken, frame.size());
    CHECK(std::equal(frame.begin(), frame.end(), original.begin(), original.end()));
    taken += frame.size();
  }
  CHECK(reader.ok());
  return 0;
}
