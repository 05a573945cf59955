// SPDX-License-Identifier: MIT
#include "peer/shell/words.h"

#include <gtest/gtest.h>

namespace peer::shell {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view line) {
  auto result = split_line(line);
  EXPECT_TRUE(result) << line;
  return result ? *result : Words{"failed"};
}
LineError error(std::string_view line) {
  auto result = split_line(line);
  EXPECT_FALSE(result) << line;
  return result ? LineError::kTooLong : result.error();
}

TEST(ShellWords, StandBetweenBlanks) {
  EXPECT_EQ(words(""), Words{});
  EXPECT_EQ(words(" \t "), Words{});
  EXPECT_EQ(words("list"), Words{"list"});
  EXPECT_EQ(words("  get\ta  b "), (Words{"get", "a", "b"}));
}

TEST(ShellWords, AreQuoted) {
  EXPECT_EQ(words(R"(get 'a b' "c d" e\ f)"), (Words{"get", "a b", "c d", "e f"}));
  EXPECT_EQ(words(R"('a\' "\"\\\x" \\\"\')"), (Words{"a\\", "\"\\\\x", "\\\"'"}));
  EXPECT_EQ(words(R"(a'b'"c"d '' "")"), (Words{"abcd", "", ""}));
}

TEST(ShellWords, EndWithAComment) {
  EXPECT_EQ(words("# all"), Words{});
  EXPECT_EQ(words("get a#b # 'c"), (Words{"get", "a#b"}));
  EXPECT_EQ(words(R"(get \#a '#b')"), (Words{"get", "#a", "#b"}));
}

TEST(ShellWords, EveryTruncationOfALineIsAnAnswer) {
  const std::string line = R"(push 'a b' "c \" d" e\ f --to all)";
  for (std::size_t length = 0; length <= line.size(); ++length) {
    const std::string_view part = std::string_view(line).substr(0, length);
    const PartialLine partial = split_partial(part);
    EXPECT_LE(partial.begin, part.size());
    if (auto whole = split_line(part)) {
      EXPECT_EQ(partial.quote, Quote::kNone);
      Words all = partial.words;
      if (partial.begin < part.size()) all.push_back(partial.word);
      EXPECT_EQ(*whole, all) << part;
    } else {
      EXPECT_TRUE(whole.error() == LineError::kOpenQuote || whole.error() == LineError::kOpenBackslash) << part;
    }
  }
}

TEST(ShellWords, RefusesWhatIsNoLine) {
  EXPECT_EQ(error("get 'a"), LineError::kOpenQuote);
  EXPECT_EQ(error("get \"a"), LineError::kOpenQuote);
  EXPECT_EQ(error("get \"a\\"), LineError::kOpenBackslash);
  EXPECT_EQ(error("get a\\"), LineError::kOpenBackslash);
  EXPECT_EQ(error(std::string_view("a\0b", 3)), LineError::kControlCharacter);
  for (char c = 1; c < 0x20; ++c) {
    if (c == '\t') continue;
    EXPECT_EQ(error(std::string("a") + c), LineError::kControlCharacter);
  }
  EXPECT_EQ(error("\x7f"), LineError::kControlCharacter);
  EXPECT_EQ(words(std::string(kMaxLine, 'a')).front().size(), kMaxLine);
  EXPECT_EQ(error(std::string(kMaxLine + 1, 'a')), LineError::kTooLong);
}

TEST(ShellWords, QuotedTextIsReadAgain) {
  for (const std::string& text : {std::string("a"), std::string(""), std::string("a b"), std::string("#x"),
                                  std::string("it's"), std::string("\"\\'"), std::string("ä\tö")}) {
    for (Quote quote : {Quote::kNone, Quote::kSingle, Quote::kDouble}) {
      EXPECT_EQ(words(quote_word(text, quote)), Words{text}) << quote_word(text, quote);
      EXPECT_EQ(split_partial(quote_word(text, quote, false)).word, text);
    }
  }
}

TEST(ShellWords, SayWhereTheLastBegins) {
  PartialLine line = split_partial("get 'a b");
  EXPECT_EQ(line.words, Words{"get"});
  EXPECT_EQ(line.word, "a b");
  EXPECT_EQ(line.begin, 4u);
  EXPECT_EQ(line.quote, Quote::kSingle);
  line = split_partial("get a ");
  EXPECT_EQ(line.words, (Words{"get", "a"}));
  EXPECT_EQ(line.word, "");
  EXPECT_EQ(line.begin, 6u);
  EXPECT_TRUE(split_partial("get # a").comment);
}

}  // namespace
}  // namespace peer::shell
