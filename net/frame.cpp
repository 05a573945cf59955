// SPDX-License-Identifier: MIT
#include "net/frame.h"

#include <limits>

#include "net/check.h"

namespace net {

bool is_frame_type(std::uint8_t type) { return (type >= 0x01 && type <= 0x0f) || (type >= 0x12 && type <= 0x1f); }

std::optional<FrameHeader> decode_frame_header(ByteView in) {
  CHECK(in.size() >= FrameHeader::kSize);
  ByteReader reader(in);
  FrameHeader header;
  header.type = reader.u8();
  header.length = reader.u32();
  if (!is_frame_type(header.type)) return std::nullopt;
  return header;
}

void encode_frame_header(FrameHeader header, ByteWriter& out) {
  CHECK(is_frame_type(header.type));
  out.u8(header.type).u32(header.length);
}

Bytes encode_frame(std::uint8_t type, ByteView payload) {
  CHECK(payload.size() <= std::numeric_limits<std::uint32_t>::max());
  ByteWriter out;
  encode_frame_header({type, static_cast<std::uint32_t>(payload.size())}, out);
  out.bytes(payload);
  return std::move(out).take();
}

}  // namespace net
