// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "peer/legacy/pickle_reader.h"
#include "peer/legacy/pickle_writer.h"

namespace peer::legacy {
namespace {

using State = PickleReader::State;
using Items = std::vector<std::string>;

net::Bytes from_hex(std::string hex) {
  std::erase(hex, ' ');
  net::Bytes out(hex.size() / 2);
  EXPECT_TRUE(net::from_hex(hex, out)) << hex;
  return out;
}

Items items_of(const PickleReader& reader) {
  Items items;
  for (std::size_t i = 0; i < reader.size(); ++i) items.emplace_back(net::as_text(reader.item(i)));
  return items;
}

/// Given whole and byte by byte, which is to be the same.
void expect_items(const std::string& hex, const Items& items) {
  const net::Bytes bytes = from_hex(hex);
  PickleReader whole, split;
  EXPECT_EQ(whole.feed(bytes), bytes.size());
  for (const std::byte& byte : bytes) split.feed({&byte, 1});
  for (const PickleReader* reader : {&whole, &split}) {
    EXPECT_EQ(reader->state(), State::kDone) << hex << ": " << reader->error();
    EXPECT_EQ(items_of(*reader), items) << hex;
  }
  // Whatever is missing, it is never taken for the whole (T13).
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    PickleReader cut;
    EXPECT_EQ(cut.feed(net::ByteView(bytes).first(size)), size);
    EXPECT_EQ(cut.state(), State::kMore) << hex << " cut to " << size;
  }
}

std::string refusal(net::ByteView bytes) {
  PickleReader reader;
  reader.feed(bytes);
  if (reader.state() != State::kRefused) return "not refused";
  EXPECT_EQ(reader.feed(bytes), 0u);
  return reader.error();
}
std::string refusal(const std::string& hex) { return refusal(from_hex(hex)); }

TEST(PickleReader, ReadsWhatPythonWritesForBytes) {
  const Items items = {"hi\n", "", "x", "a", "a"};
  // pickle.dumps([b"hi\n", b"", b"x", b"a", b"a"], 3), 4 and 5; small bytes are one object each, which is remembered.
  expect_items("8003 5d7100 28 430368690a7101 43007102 4301787103 4301617104 6804 65 2e", items);
  expect_items("8004 951b00000000000000 5d94 28 430368690a94 430094 43017894 43016194 6804 65 2e", items);
  expect_items("8005 951b00000000000000 5d94 28 430368690a94 430094 43017894 43016194 6804 65 2e", items);
}

TEST(PickleReader, ReadsListsOfNoneAndOne) {
  expect_items("8003 5d7100 2e", {});
  expect_items("8004 5d94 2e", {});
  expect_items("286c70300a2e", {});
  expect_items("8003 5d7100 4301617101 61 2e", {"a"});
  expect_items("286c70300a 56610a70310a 61 2e", {"a"});
}

TEST(PickleReader, ReadsStrOfAllProtocols) {
  // pickle.dumps(["hi\n", "é\\u0041", "😀\ud800", "hi\n"], p), the first and last one object.
  const Items items = {"hi\n", "\xc3\xa9\\u0041", "\xf0\x9f\x98\x80\xed\xa0\x80", "hi\n"};
  expect_items(
      "286c70300a 5668695c75303030610a70310a61 56e95c753030356375303034310a70320a61"
      "565c5530303031663630305c75643830300a70330a61 67310a61 2e",
      items);
  const std::string binary =
      "28 580300000068690a7101 5808000000c3a95c75303034317102 5807000000f09f9880eda0807103 6801 65 2e";
  expect_items("5d7100" + binary, items);
  expect_items("80025d7100" + binary, items);
  expect_items("80035d7100" + binary, items);
  expect_items("8004 953000000000000000 5d94 28 8c0368690a94 8c08c3a95c753030343194 8c07f09f9880eda08094 6801 65 2e",
               items);
}

TEST(PickleReader, ReadsTheLongFormsAndPython2) {
  expect_items("8004 5d 8e0100000000000000 61 61 8d0100000000000000 62 61 4201000000 63 61 2e", {"a", "b", "c"});
  expect_items("8002 5d 28 550161 7200010000 5401000000 62 6a00010000 65 2e", {"a", "b", "a"});
}

TEST(PickleReader, TheListMayComeAfterItsItems) { expect_items("28 430161 430162 6c 2e", {"a", "b"}); }

TEST(PickleReader, WhatIsWrittenIsRead) {
  net::Bytes bytes = pickle_begin();
  std::uint64_t size = kEmptyPickleSize;
  Items items;
  for (std::uint32_t length : {0u, 1u, 255u, 256u, 70000u}) {
    items.emplace_back(length, 'x');
    const net::Bytes header = pickle_item_header(length);
    EXPECT_EQ(header.size() + length, pickled_size(length));
    size += pickled_size(length);
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), length, static_cast<std::byte>('x'));
  }
  for (std::byte byte : pickle_end()) bytes.push_back(byte);
  EXPECT_EQ(bytes.size(), size);
  PickleReader reader;
  EXPECT_EQ(reader.feed(bytes), bytes.size());
  EXPECT_EQ(reader.state(), State::kDone) << reader.error();
  EXPECT_EQ(items_of(reader), items);
  EXPECT_EQ(reader.content_bytes(), 0u + 1 + 255 + 256 + 70000);
}

TEST(PickleReader, TakesNothingBehindStop) {
  PickleReader reader;
  EXPECT_EQ(reader.feed(from_hex("5d 2e 5d 2e")), 2u);
  EXPECT_EQ(reader.feed(from_hex("5d")), 0u);
  EXPECT_EQ(reader.consumed(), 2u);
}

// T13
TEST(PickleReader, OpcodesThatNameCodeAreRefusedByName) {
  // pickle.dumps([an object that runs a command], 0), 2 and 4.
  const auto only = [](const std::string& opcode) {
    return "it has the opcode " + opcode + "; only lists, bytes and str are read";
  };
  EXPECT_EQ(refusal("286c70300a 63706f7369780a73797374656d0a 70310a285674727565"), only("GLOBAL (0x63)"));
  EXPECT_EQ(refusal("8002 5d7100 63706f7369780a73797374656d0a71015801"), only("GLOBAL (0x63)"));
  EXPECT_EQ(refusal("8004 95 2d00000000000000 5d94 8c05706f73697894 8c0673797374656d94 93"),
            only("STACK_GLOBAL (0x93)"));
  EXPECT_EQ(refusal("8004 5d 28 8c05706f73697894 8c0673797374656d94 93"), only("STACK_GLOBAL (0x93)"));
  // Bytes in protocol 2 come out of a function.
  EXPECT_EQ(refusal("8002 5d7100 635f636f646563730a656e636f64650a"), only("GLOBAL (0x63)"));
}

// T13
TEST(PickleReader, EveryOtherOpcodeIsRefusedAtItsByte) {
  std::size_t read = 0;
  for (unsigned value = 0; value < 256; ++value) {
    const Opcode* opcode = find_opcode(static_cast<std::uint8_t>(value));
    const bool known = opcode != nullptr && opcode->argument != Opcode::Argument::kRefused;
    read += known;
    const std::byte byte{static_cast<std::uint8_t>(value)};
    for (const std::string before : {"", "5d", "5d28", "5d430161", "5d28430161"}) {
      PickleReader reader;
      reader.feed(from_hex(before));
      reader.feed({&byte, 1});
      if (known) continue;
      ASSERT_EQ(reader.state(), State::kRefused) << value;
      EXPECT_NE(reader.error().find("0x" + net::to_hex({&byte, 1})), std::string::npos) << reader.error();
      EXPECT_NE(reader.error().find(opcode == nullptr ? "opcode 0x" : std::string(opcode->name)), std::string::npos);
    }
  }
  EXPECT_EQ(read, 24u);
  EXPECT_EQ(opcodes().size(), 68u);
}

// T13
TEST(PickleReader, OnlyAFlatListIsRead) {
  const auto misplaced = [](const std::string& opcode) {
    return "the opcode " + opcode + " is not where a list of bytes and str has it";
  };
  EXPECT_EQ(refusal("8004 5d94 5d94 43017894 61 61 2e"), misplaced("EMPTY_LIST (0x5d)")) << "a list in the list";
  EXPECT_EQ(refusal("5d 28 430161 28"), misplaced("MARK (0x28)"));
  EXPECT_EQ(refusal("5d 28 430161 6c"), misplaced("LIST (0x6c)"));
  EXPECT_EQ(refusal("5d 430161 28"), misplaced("MARK (0x28)"));
  EXPECT_EQ(refusal("28 5d"), misplaced("EMPTY_LIST (0x5d)"));
  EXPECT_EQ(refusal("6c"), misplaced("LIST (0x6c)"));
  EXPECT_EQ(refusal("8004 430178 94 2e"), misplaced("SHORT_BINBYTES (0x43)")) << "no list at all";
  EXPECT_EQ(refusal("2e"), misplaced("STOP (0x2e)"));
  EXPECT_EQ(refusal("5d 28 2e"), misplaced("STOP (0x2e)"));
  EXPECT_EQ(refusal("5d 430161 2e"), misplaced("STOP (0x2e)"));
  EXPECT_EQ(refusal("61"), misplaced("APPEND (0x61)"));
  EXPECT_EQ(refusal("5d 61"), misplaced("APPEND (0x61)"));
  EXPECT_EQ(refusal("5d 430161 430162 61"), misplaced("APPEND (0x61)"));
  EXPECT_EQ(refusal("5d 28 430161 61"), misplaced("APPEND (0x61)"));
  EXPECT_EQ(refusal("5d 430161 65"), misplaced("APPENDS (0x65)"));
  EXPECT_EQ(refusal("28 65"), misplaced("APPENDS (0x65)"));
  EXPECT_EQ(refusal("5d 80"), misplaced("PROTO (0x80)"));
  EXPECT_EQ(refusal("94"), misplaced("MEMOIZE (0x94)")) << "nothing to remember";
  EXPECT_EQ(refusal("5d 28 7100"), misplaced("BINPUT (0x71)")) << "a mark";
  EXPECT_EQ(refusal("5d 6800"), misplaced("BINGET (0x68)")) << "never remembered";
  EXPECT_EQ(refusal("5d 7100 6800"), misplaced("BINGET (0x68)")) << "the list in itself";
}

TEST(PickleReader, MalformedArgumentsAreRefused) {
  EXPECT_EQ(refusal("8001"), "it is of protocol 1, which is not known");
  EXPECT_EQ(refusal("8006"), "it is of protocol 6, which is not known");
  EXPECT_EQ(refusal("5d 700a"), "the opcode PUT (0x70) has no number");
  EXPECT_EQ(refusal("5d 70780a"), "the opcode PUT (0x70) has no number");
  EXPECT_EQ(refusal("5d 70 343239343936373239360a"), "the opcode PUT (0x70) has no number") << "2^32";
  EXPECT_EQ(refusal("5d 67 2d310a"), "the opcode GET (0x67) has no number");
  for (const char* text : {"5c7530", "5c753030677a", "5c55", "5c553030313130303030", "5c752d303031"}) {
    EXPECT_EQ(refusal("5d 56" + std::string(text) + "0a"), "a text in it is malformed") << text;
  }
}

TEST(PickleReader, BackslashesThatBeginNoEscapeStandForThemselves) {
  expect_items("5d 56 5c78 5c5c7530303431 5c 0a 61 2e", {"\\x\\\\u0041\\"});
}

// T01, T13: refused by the length alone.
TEST(PickleReader, LengthsBeyondTheLimitAreRefusedBeforeTheirBytes) {
  const std::string too_much = "its contents are more than 16 MiB";
  EXPECT_EQ(refusal("5d 42 01000001"), too_much);
  EXPECT_EQ(refusal("5d 42 ffffffff"), too_much);
  EXPECT_EQ(refusal("5d 58 ffffffff"), too_much);
  EXPECT_EQ(refusal("5d 54 00000080"), too_much);
  EXPECT_EQ(refusal("5d 8e ffffffffffffffff"), too_much);
  EXPECT_EQ(refusal("5d 8d 0000000001000000"), too_much);
  PickleReader reader;
  reader.feed(from_hex("5d 42 00000001"));
  EXPECT_EQ(reader.state(), State::kMore) << "16 MiB of contents";
}

TEST(PickleReader, APickleOfMoreThan16MibIsRefused) {
  net::Bytes bytes = from_hex("5d 42 f0ffff00");
  bytes.resize(bytes.size() + kMaxPickle - 16, std::byte{'x'});
  PickleReader reader;
  EXPECT_EQ(reader.feed(bytes), bytes.size());
  // 6 bytes before the contents, and 10 more fit.
  EXPECT_EQ(reader.feed(from_hex("61 95 0000000000000000")), 10u);
  EXPECT_EQ(reader.state(), State::kMore);
  EXPECT_EQ(reader.feed(from_hex("2e")), 0u);
  EXPECT_EQ(reader.state(), State::kRefused);
  EXPECT_EQ(reader.error(), "it is larger than 16 MiB");
}

TEST(PickleReader, ALineWithoutAnEndIsRefused) {
  PickleReader reader;
  reader.feed(from_hex("5d 56"));
  const net::Bytes piece(1 << 20, std::byte{'x'});
  for (int i = 0; i < 16; ++i) reader.feed(piece);
  EXPECT_EQ(reader.state(), State::kRefused);
  EXPECT_EQ(reader.consumed(), kMaxPickle);
}

TEST(PickleReader, MoreItemsThanTheLimitAreRefused) {
  for (const bool appended : {true, false}) {
    PickleReader reader;
    reader.feed(from_hex(appended ? "5d" : "5d 28"));
    for (std::size_t i = 0; i < kMaxItems; ++i) reader.feed(from_hex(appended ? "4300 61" : "4300"));
    ASSERT_EQ(reader.state(), State::kMore);
    reader.feed(from_hex("4300"));
    EXPECT_EQ(reader.error(), "it has more than 65536 items");
  }
}

// A few bytes must not become very many.
TEST(PickleReader, WhatIsRecalledCountsEachTime) {
  net::Bytes bytes = from_hex("5d 28 42 00001000");
  bytes.resize(bytes.size() + (1 << 20), std::byte{'x'});
  PickleReader reader;
  reader.feed(bytes);
  reader.feed(from_hex("7101"));
  for (int i = 0; i < 15; ++i) reader.feed(from_hex("6801"));
  ASSERT_EQ(reader.state(), State::kMore);
  reader.feed(from_hex("6801"));
  EXPECT_EQ(reader.error(), "its contents are more than 16 MiB");
}

TEST(PickleReader, RememberingWithoutEndIsRefused) {
  PickleReader reader;
  reader.feed(from_hex("5d"));
  for (std::size_t i = 0; i <= kMaxItems; ++i) reader.feed(from_hex("94"));
  ASSERT_EQ(reader.state(), State::kMore);
  reader.feed(from_hex("94"));
  EXPECT_EQ(reader.error(), "it remembers more than it has items");
}

}  // namespace
}  // namespace peer::legacy
