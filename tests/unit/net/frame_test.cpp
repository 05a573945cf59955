// SPDX-License-Identifier: MIT
#include "net/frame.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(Frame, TypesLeaveOutTheTextPeerLists) {
  for (unsigned type = 0; type < 256; ++type) {
    bool expected = type >= 0x01 && type <= 0x1f && type != 0x10 && type != 0x11;
    EXPECT_EQ(is_frame_type(static_cast<std::uint8_t>(type)), expected) << type;
  }
}

TEST(Frame, HasTypeAndBigEndianLengthBeforeThePayload) {
  EXPECT_EQ(to_hex(encode_frame(0x02, as_bytes("hello"))),
            "0200000005"
            "68656c6c6f");
  EXPECT_EQ(to_hex(encode_frame(0x1f, {})), "1f00000000");
}

TEST(Frame, HeaderRoundTripsAtTheLimits) {
  for (std::uint32_t length : {0u, 1u, 0x01020304u, 0xffffffffu}) {  // T01: any length is only a number here.
    ByteWriter out;
    encode_frame_header({0x0f, length}, out);
    ASSERT_EQ(out.size(), FrameHeader::kSize);
    EXPECT_EQ(decode_frame_header(out.view()), (FrameHeader{0x0f, length}));
  }
}

TEST(Frame, AHeaderOfAnotherTypeIsNone) {
  for (const char* type : {"00", "10", "11", "20", "47", "ff"}) {
    Bytes in(5);
    ASSERT_TRUE(from_hex(type, std::span(in).first(1)));
    EXPECT_FALSE(decode_frame_header(in)) << type;
  }
}

TEST(Frame, OurOwnMistakesAbort) {
  ByteWriter out;
  EXPECT_DEATH(encode_frame_header({0x10, 0}, out), "check failed");
  EXPECT_DEATH(static_cast<void>(decode_frame_header(as_bytes("abcd"))), "check failed");
}

}  // namespace
}  // namespace net
