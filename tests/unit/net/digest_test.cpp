// SPDX-License-Identifier: MIT
#include "net/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace net {
namespace {

// FIPS 180-4's published examples.
struct Example {
  std::string text, digest;
};
const Example kExamples[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

TEST(Sha256, AgreesWithTheStandardAgainAndAgain) {
  Sha256Hasher hasher;
  for (int round = 0; round < 2; ++round) {
    for (const auto& [text, digest] : kExamples) {
      EXPECT_EQ(to_hex(hasher.hash(as_bytes(text))), digest);
      EXPECT_EQ(to_hex(sha256(as_bytes(text))), digest);
    }
  }
}

TEST(Sha256, TwoPartsAreHashedAsOne) {
  Sha256Hasher hasher;
  std::string_view text = "abc";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    EXPECT_EQ(to_hex(hasher.hash(as_bytes(text.substr(0, split)), as_bytes(text.substr(split)))), kExamples[1].digest);
  }
}

TEST(Sha256, AHasherCanBeMoved) {
  Sha256Hasher first;
  Sha256Hasher second = std::move(first);
  EXPECT_EQ(to_hex(second.hash(as_bytes("abc"))), kExamples[1].digest);
}

TEST(Sha256, EachThreadMayHash) {
  std::string from_thread;
  std::thread([&] { from_thread = to_hex(sha256(as_bytes("abc"))); }).join();
  EXPECT_EQ(from_thread, kExamples[1].digest);
}

TEST(RandomBytes, FillsEverythingAndDiffers) {
  Bytes a(4096), b(4096);
  random_bytes(a);
  random_bytes(b);
  EXPECT_NE(a, b);
  random_bytes({});
  // The end was not left out (32 fair bytes are all zero once in 2^256).
  EXPECT_NE(Bytes(a.end() - 32, a.end()), Bytes(32));
}

}  // namespace
}  // namespace net
