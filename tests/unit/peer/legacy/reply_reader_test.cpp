// SPDX-License-Identifier: MIT
#include "peer/legacy/reply_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace peer::legacy {
namespace {

const std::string kPickle("\x80\x03]C\x01xa.", 8);
constexpr std::size_t kPieces[] = {1, 2, 3, 1000};

ReplyReader read(std::string_view text, std::size_t step) {
  ReplyReader reader;
  for (std::size_t at = 0; at < text.size(); at += step) reader.feed(net::as_bytes(text.substr(at, step)));
  return reader;
}

std::vector<std::string> peers(const ReplyReader& reader) {
  std::vector<std::string> names;
  for (const net::Endpoint& endpoint : reader.endpoints()) names.push_back(endpoint.to_string());
  return names;
}

TEST(LegacyReply, IsListsAndAPickle) {
  const std::vector<std::string> one = {"10.0.0.2:12345"}, two = {"10.0.0.2:12345", "10.0.0.3:2000"};
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {}},
      {"\x10\n", {}},
      {"\x11", {}},
      {"\x10"
       "10.0.0.2,\n",
       one},
      {"\x11"
       "10.0.0.2,",
       one},
      {"\x10"
       "10.0.0.2,10.0.0.3:2000,\n",
       two},
      {"\x10"
       "10.0.0.2,\n\x11"
       "10.0.0.3:2000,",
       two},
      {"\x10"
       "10.0.0.2,half",
       one},
      {"\x10"
       "nonsense,10.0.0.2,",
       one},
  };
  // A pickle may also begin with a list or a mark.
  const std::vector<std::string> pickles = {kPickle, std::string("]C\x01xa.", 6), "(lVx\na."};
  for (const auto& [lists, wanted] : cases) {
    for (const std::string& pickle : pickles) {
      if (lists.ends_with("half") && pickle != kPickle) continue;
      for (std::size_t step : kPieces) {
        const ReplyReader reader = read(lists + pickle, step);
        ASSERT_EQ(reader.state(), ReplyReader::State::kDone)
            << lists << pickle << " by " << step << ": " << reader.error();
        EXPECT_EQ(reader.pickle().size(), 1u);
        EXPECT_EQ(net::as_text(reader.pickle().item(0)), "x");
        EXPECT_EQ(peers(reader), wanted) << lists;
      }
    }
  }
}

TEST(LegacyReply, WithoutAPickleItIsNothing) {
  for (const std::string text : {"", "\x10\n",
                                 "\x10"
                                 "10.0.0.2,",
                                 "\x10"
                                 "10.0.0.2,half"}) {
    ReplyReader reader = read(text, 1);
    EXPECT_EQ(reader.state(), ReplyReader::State::kMore);
    reader.end();
    EXPECT_EQ(reader.state(), ReplyReader::State::kNothing);
  }
}

TEST(LegacyReply, ACutPickleIsRefused) {
  for (std::size_t size = 1; size < kPickle.size(); ++size) {
    ReplyReader reader = read("\x10\n" + kPickle.substr(0, size), 1);
    reader.end();
    ASSERT_EQ(reader.state(), ReplyReader::State::kRefused);
    EXPECT_EQ(reader.error(), "it closed the connection in the middle of its list of files");
  }
  ReplyReader reader = read(kPickle, 1);
  reader.end();
  EXPECT_EQ(reader.state(), ReplyReader::State::kDone);
}

// T13
TEST(LegacyReply, APickleThatIsRefusedIsNamed) {
  const ReplyReader reader = read(
      "\x10"
      "10.0.0.2,\n\x80\x02]cposix\nsystem\n",
      1);
  EXPECT_EQ(reader.state(), ReplyReader::State::kRefused);
  EXPECT_EQ(reader.error(),
            "its list of files is refused: it has the opcode GLOBAL (0x63); only lists, bytes and str are read");
}

TEST(LegacyReply, SomethingElseIsRefused) {
  for (const std::string text : {"HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-x\r\n", "\x01"}) {
    EXPECT_EQ(read(text, 1).state(), ReplyReader::State::kRefused) << text;
  }
}

// T08
TEST(LegacyReply, ListsWithoutEndAreRefused) {
  ReplyReader one = read("\x10" + std::string(1 << 17, 'x'), 1000);
  EXPECT_EQ(one.error(), "it sends a peer list without an end");
  std::string many;
  for (std::size_t i = 0; i < ReplyReader::kMaxLists; ++i) many += "\x10\n";
  EXPECT_EQ(read(many + kPickle, 1).state(), ReplyReader::State::kDone);
  EXPECT_EQ(read(many + "\x10\n" + kPickle, 1).error(), "it sends peer lists on and on");
}

}  // namespace
}  // namespace peer::legacy
