// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/bytes.h"

namespace net {

/// A frame on a peer connection (p2p-protocol(7), FRAMES): type, payload length, payload.
struct FrameHeader {
  std::uint8_t type = 0;
  std::uint32_t length = 0;  ///< Payload bytes, the header not counted.

  static constexpr std::size_t kSize = 5;
  bool operator==(const FrameHeader&) const = default;
};

/// True for 0x01..0x0f and 0x12..0x1f. 0x10 and 0x11 begin text peer lists and are never frame types.
bool is_frame_type(std::uint8_t type);

/// Reads a header from the first kSize bytes. REQUIRES: in.size() >= kSize. Nothing when the type is not a frame's.
std::optional<FrameHeader> decode_frame_header(ByteView in);
void encode_frame_header(FrameHeader header, ByteWriter& out);
/// A whole frame.
Bytes encode_frame(std::uint8_t type, ByteView payload);

}  // namespace net
