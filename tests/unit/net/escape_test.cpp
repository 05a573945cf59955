// SPDX-License-Identifier: MIT
#include "net/escape.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "net/utf8.h"
#include "tests/unit/net/utf8_of.h"

namespace net {
namespace {

using namespace std::string_view_literals;

TEST(Escape, LeavesPlainTextAlone) {
  for (std::string_view text : {"", "plain text, 100%", "Grüße", "日本語", "naïve café", "👍🏽", "a\u00a0b"}) {
    EXPECT_EQ(escape(text), text);
  }
}

TEST(Escape, ShowsControlsAndDoublesTheBackslash) {  // T45
  struct Case {
    std::string_view text, shown;
  };
  for (auto [text, shown] :
       {Case{"\x1b[31mred"sv, "\\x1b[31mred"sv}, Case{"a\nb\r\t"sv, "a\\x0ab\\x0d\\x09"sv}, Case{"\0"sv, "\\x00"sv},
        Case{"\x7f"sv, "\\x7f"sv}, Case{"a\\b"sv, "a\\\\b"sv}, Case{"\\x1b"sv, "\\\\x1b"sv},
        Case{"\xc2\x9b"sv, "\\u{009b}"sv}, Case{"\u202egpj.exe"sv, "\\u{202e}gpj.exe"sv},
        Case{"\ufeffx"sv, "\\u{feff}x"sv}, Case{"\U000e0041"sv, "\\u{e0041}"sv}, Case{"a\u200bb"sv, "a\\u{200b}b"sv}}) {
    EXPECT_EQ(escape(text), shown);
  }
}

TEST(Escape, EveryUnsafeRangeIsShownToItsEnds) {  // T45
  struct Range {
    char32_t first, last;
  };
  for (auto [first, last] : {Range{0x00, 0x1f}, Range{0x7f, 0x9f}, Range{0xad, 0xad}, Range{0x61c, 0x61c},
                             Range{0x200b, 0x200f}, Range{0x2028, 0x202e}, Range{0x2060, 0x206f}, Range{0xfeff, 0xfeff},
                             Range{0xfff9, 0xfffb}, Range{0xe0000, 0xe0fff}}) {
    for (char32_t point : {first, last}) EXPECT_EQ(escape(utf8_of(point))[0], '\\') << std::hex << +point;
  }
  for (auto point :
       std::initializer_list<char32_t>{0x20, 0x7e, 0xa0, 0xac, 0xae, 0x200a, 0x2010, 0x2027, 0x202f, 0x205f, 0x2070,
                                       0xfefe, 0xff00, 0xfffc, 0xfffd, 0x10000, 0xdffff, 0xe1000}) {
    EXPECT_EQ(escape(utf8_of(point)), utf8_of(point)) << std::hex << +point;
  }
}

TEST(Escape, ShowsBytesThatAreNotUtf8) {  // T45
  struct Case {
    std::string_view text, shown;
  };
  for (auto [text, shown] :
       {Case{"\x80"sv, "\\x80"sv}, Case{"\xff\xfe"sv, "\\xff\\xfe"sv}, Case{"\xc3"sv, "\\xc3"sv},
        Case{"\xc3("sv, "\\xc3("sv}, Case{"\xe2\x82"sv, "\\xe2\\x82"sv}, Case{"\xf0\x9f\x98"sv, "\\xf0\\x9f\\x98"sv},
        Case{"\xc0\x9b"sv, "\\xc0\\x9b"sv}, Case{"\xe0\x80\xa0"sv, "\\xe0\\x80\\xa0"sv},
        Case{"\xed\xa0\x80"sv, "\\xed\\xa0\\x80"sv}, Case{"\xf4\x90\x80\x80"sv, "\\xf4\\x90\\x80\\x80"sv},
        Case{"\xc3\xc3\xa9"sv, "\\xc3\u00e9"sv}}) {
    EXPECT_EQ(escape(text), shown);
  }
}

TEST(Escape, NoOutputHoldsAControlByteOrBrokenUtf8) {  // T45, over every pair of bytes
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      std::string shown = escape(std::string{static_cast<char>(a), static_cast<char>(b)});
      ASSERT_TRUE(is_utf8(shown)) << a << ' ' << b;
      for (char c : shown) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << a << ' ' << b;
    }
  }
}

}  // namespace
}  // namespace net
