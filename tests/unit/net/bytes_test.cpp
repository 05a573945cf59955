// SPDX-License-Identifier: MIT
#include "net/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace net {
namespace {

Bytes to_bytes(std::string_view text) {
  ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

Bytes every_field() {
  ByteWriter out;
  out.u8(0x01).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).string16("abc").bytes(as_bytes("xy"));
  return std::move(out).take();
}

TEST(ByteWriter, WritesBigEndian) {
  EXPECT_EQ(to_hex(every_field()),
            "010203040506070809"
            "0a0b0c0d0e0f"
            "0003616263"
            "7879");
}

TEST(ByteWriter, WritesTheExtremes) {
  ByteWriter out;
  out.u8(0xff).u16(0xffff).u32(0xffffffff).u64(0xffffffffffffffff).string16("");
  EXPECT_EQ(to_hex(out.view()),
            "ffffffffffffffffffffffffffffff"
            "0000");
  EXPECT_EQ(out.size(), 17u);
}

TEST(ByteWriter, RefusesAStringThatItsLengthCannotHold) {
  ByteWriter out;
  out.string16(std::string(65535, 'x'));
  EXPECT_EQ(out.size(), 65537u);
  EXPECT_DEATH(ByteWriter().string16(std::string(65536, 'x')), "check failed");
}

TEST(ByteReader, ReadsWhatWasWritten) {
  Bytes in = every_field();
  ByteReader reader(in);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0x04050607u);
  EXPECT_EQ(reader.u64(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(reader.string16(), "abc");
  EXPECT_EQ(reader.remaining(), 2u);
  EXPECT_FALSE(reader.complete());
  EXPECT_EQ(as_text(reader.rest()), "xy");
  EXPECT_TRUE(reader.complete());
}

TEST(ByteReader, EveryTruncationFails) {
  Bytes in = every_field();
  for (std::size_t length = 0; length < in.size(); ++length) {
    ByteReader reader(ByteView(in).first(length));
    reader.u8();
    reader.u16();
    reader.u32();
    reader.u64();
    reader.string16();
    reader.bytes(2);
    EXPECT_FALSE(reader.ok()) << length;
    EXPECT_FALSE(reader.complete()) << length;
  }
}

TEST(ByteReader, EachFieldFailsOneByteShort) {
  const Bytes in(8, std::byte{0xff});
  auto short_by_one = [&](std::size_t width) { return ByteReader(ByteView(in).first(width - 1)); };
  ByteReader one = short_by_one(1), two = short_by_one(2), four = short_by_one(4), eight = short_by_one(8);
  EXPECT_EQ(one.u8(), 0);
  EXPECT_EQ(two.u16(), 0);
  EXPECT_EQ(four.u32(), 0u);
  EXPECT_EQ(eight.u64(), 0u);
  for (const ByteReader* reader : {&one, &two, &four, &eight}) EXPECT_FALSE(reader->ok());
}

TEST(ByteReader, StaysFailedAfterTheFirstFailure) {
  Bytes in = to_bytes("\x01\x02\x03");
  ByteReader reader(in);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.bytes(1).empty());
  EXPECT_TRUE(reader.string16().empty());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesAnyCountPastTheEnd) {
  Bytes in = to_bytes("abc");
  for (std::size_t count : {std::size_t{4}, std::size_t{1} << 32, ~std::size_t{0}}) {
    ByteReader reader(in);
    EXPECT_TRUE(reader.bytes(count).empty());
    EXPECT_FALSE(reader.ok());
  }
}

TEST(ByteReader, AStringLongerThanTheInputFails) {
  Bytes in =
      to_bytes(std::string_view("\xff\xff"
                                "abc",
                                5));
  ByteReader reader(in);
  EXPECT_EQ(reader.string16(), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, NothingIsCompleteWhenNothingIsAsked) {
  ByteReader reader{ByteView{}};
  EXPECT_TRUE(reader.complete());
  EXPECT_TRUE(reader.bytes(0).empty());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_TRUE(reader.complete());
}

TEST(Hex, GoesBothWaysInEitherCase) {
  std::array<std::byte, 4> out{};
  EXPECT_TRUE(from_hex("00fFaB10", out));
  EXPECT_EQ(to_hex(out), "00ffab10");
  EXPECT_EQ(to_hex({}), "");
  EXPECT_TRUE(from_hex("", {}));
}

TEST(Hex, RefusesAllElseAndLeavesTheOutputAlone) {
  for (std::string_view text : {"", "0", "000000", "00000", "0g00", "00 0", "0x00", "-000", "000g"}) {
    std::array<std::byte, 2> out{std::byte{7}, std::byte{7}};
    EXPECT_FALSE(from_hex(text, out)) << text;
    EXPECT_EQ(to_hex(out), "0707") << text;
  }
}

}  // namespace
}  // namespace net
