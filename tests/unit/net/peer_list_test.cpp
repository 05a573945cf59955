// SPDX-License-Identifier: MIT
#include "net/peer_list.h"

#include <gtest/gtest.h>

#include <string>

#include "net/utf8.h"

namespace net {
namespace {

using namespace std::string_view_literals;

Endpoint endpoint(std::string_view text) { return *Endpoint::parse(text); }

PeerListEntry entry_of(std::string_view text) {
  PeerListEntry entry;
  entry.endpoint = endpoint(text);
  return entry;
}

TEST(PeerList, ReadsEveryField) {
  PeerList list =
      PeerList::parse("10.0.0.7:80\t00:1a:2b:3c:4d:5e\tBig Vendor, Inc.\t2024-05-01T12:00:00Z\tpeer, conflict\n");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_TRUE(list.problems().empty());
  PeerListEntry entry = list.entries()[0];
  EXPECT_EQ(entry.endpoint, endpoint("10.0.0.7:80"));
  EXPECT_EQ(entry.mac, MacAddress::parse("00:1a:2b:3c:4d:5e"));
  EXPECT_EQ(entry.vendor, "Big Vendor, Inc.");
  EXPECT_EQ(entry.last_seen, "2024-05-01T12:00:00Z");
  EXPECT_EQ(entry.flags, (std::vector<std::string>{"peer", "conflict"}));
  EXPECT_TRUE(entry.has_flag("peer"));
  EXPECT_FALSE(entry.has_flag("self"));
}

TEST(PeerList, NeedsOnlyTheEndpoint) {
  PeerList list = PeerList::parse("10.0.0.1\n  10.0.0.2  \n[fe80::1%eth0]:9\n::1\n10.0.0.3");
  EXPECT_TRUE(list.problems().empty());
  EXPECT_EQ(list.format(), "10.0.0.1\n10.0.0.2\n[fe80::1%eth0]:9\n[::1]\n10.0.0.3\n");
}

TEST(PeerList, EmptyTextIsAnEmptyList) {
  PeerList list = PeerList::parse("");
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.format(), "");
  EXPECT_TRUE(list.problems().empty());
}

TEST(PeerList, FormatIsReadBackAsItIs) {
  for (std::string_view text :
       {"# head\n\n10.0.0.1\n", "10.0.0.1\t00:1a:2b:3c:4d:5e\n", "10.0.0.1\t\tVendor\n", "10.0.0.1\t\t\t\tpeer\n",
        "10.0.0.1\t\t\t2024-05-01T12:00:00+02:00\n", "10.0.0.1\t# the printer\n",
        "10.0.0.1\t\tV\t\t\tnew field\tmore\n", "10.0.0.1\t\t\t\t\tnew field\n", "10.0.0.1\t\t\t\tpeer,x-new_1\n",
        "junk\n  # indented\n \n", "10.0.0.1\t\t\t\t\t\tx\n"}) {
    EXPECT_EQ(PeerList::parse(text).format(), text);
  }
}

TEST(PeerList, CommentsUnknownFieldsAndOrderSurviveAChange) {
  PeerList list =
      PeerList::parse("# mine\n10.0.0.9\t\t\t\t\tfuture\n\nnot an address\n10.0.0.1 # the printer\n# end\n");
  PeerListEntry seen = entry_of("10.0.0.9");
  seen.vendor = "V";
  EXPECT_TRUE(list.put(seen));
  seen = entry_of("10.0.0.1");
  seen.flags = {"peer"};
  EXPECT_TRUE(list.put(seen));
  EXPECT_TRUE(list.put(entry_of("10.0.0.2")));
  list.add_comment("added");
  list.add_comment("");
  EXPECT_EQ(
      list.format(),
      "# mine\n10.0.0.9\t\tV\t\t\tfuture\n\nnot an address\n10.0.0.1\t\t\t\tpeer\t# the printer\n# end\n10.0.0.2\n"
      "# added\n#\n");
  EXPECT_EQ(PeerList::parse(list.format()).entries(), list.entries());
}

TEST(PeerList, TakesCrlfAndAByteOrderMark) {
  PeerList list = PeerList::parse("\xef\xbb\xbf# head\r\n10.0.0.1\t\tV\r\n\r\n10.0.0.2\r\n");
  EXPECT_TRUE(list.problems().empty());
  EXPECT_EQ(list.format(), "# head\n10.0.0.1\t\tV\n\n10.0.0.2\n");
  EXPECT_EQ(PeerList::parse("\xef\xbb\xbf\xef\xbb\xbf"
                            "10.0.0.1\n")
                .format(),
            "10.0.0.1\n");
}

TEST(PeerList, ABadLineIsToldAndKept) {
  PeerList list = PeerList::parse("10.0.0.1\n10.0.0.256\n10.0.0.2\n10.0.0.3 00:1a:2b:3c:4d:5e\n10.0.0.4:0\n");
  EXPECT_EQ(list.size(), 2u);
  ASSERT_EQ(list.problems().size(), 3u);
  EXPECT_EQ(list.problems()[0].line, 2u);
  EXPECT_EQ(list.problems()[0].what, "not an address: \"10.0.0.256\"");
  EXPECT_NE(list.problems()[1].what.find("a tab separates fields"), std::string::npos);
  EXPECT_EQ(list.problems()[2].line, 5u);
  EXPECT_EQ(list.format(), "10.0.0.1\n10.0.0.256\n10.0.0.2\n10.0.0.3 00:1a:2b:3c:4d:5e\n10.0.0.4:0\n");
}

TEST(PeerList, ABadDetailCostsOnlyItself) {
  PeerList list = PeerList::parse("10.0.0.1\tjunk\tV\tyesterday\tpeer,No Flag,self\n");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list.problems().size(), 3u);
  EXPECT_EQ(list.format(), "10.0.0.1\t\tV\t\tpeer,self\n");
}

TEST(PeerList, ASecondEntryForAnEndpointIsLeftOut) {
  PeerList list = PeerList::parse("10.0.0.1\t\tfirst\n10.0.0.1:12345\t\tsecond\n10.0.0.1:80\n::ffff:10.0.0.1\n");
  EXPECT_EQ(list.size(), 2u);
  ASSERT_EQ(list.problems().size(), 2u);
  EXPECT_EQ(list.problems()[0].line, 2u);
  EXPECT_EQ(list.format(), "10.0.0.1\t\tfirst\n10.0.0.1:80\n");
}

TEST(PeerList, ProblemsQuoteLittleOfTheFileAsItIs) {  // T45: whoever prints them escapes them, once.
  PeerList list = PeerList::parse("\x1b]0;owned\x07\n\xff\xfe\n10.0.0.1\t\x1b[2J\tV\t\u202e\t\xc2\x9b\n" +
                                  std::string(1000, '\x1b') + "\n");
  EXPECT_EQ(list.problems().size(), 6u);
  for (const PeerListProblem& problem : list.problems()) {
    EXPECT_LE(problem.what.size(), 120u);
    EXPECT_EQ(problem.what.find('\n'), std::string::npos);
  }
  EXPECT_EQ(PeerList::parse("a\\b\n").problems().at(0).what, "not an address: \"a\\b\"");
  std::string umlauts;
  while (umlauts.size() < 100) umlauts += "a\xc3\xa4";
  const std::string cut = PeerList::parse(umlauts).problems().at(0).what;
  EXPECT_TRUE(is_utf8(cut)) << cut;
  EXPECT_TRUE(cut.ends_with("...\"")) << cut;
}

TEST(PeerList, AVendorHasNoControlsAndIsUtf8) {  // T45
  PeerList list = PeerList::parse(
      "10.0.0.1\t\t a\x1b[2J\xff\xc2\x9b"
      "b \n10.0.0.2\t\t" +
      std::string(500, 'v') + "\n");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list.entries()[0].vendor, "a [2J\ufffd b");
  EXPECT_EQ(list.entries()[1].vendor.size(), PeerListEntry::kMaxVendor);
}

TEST(PeerList, LinesHaveALimit) {
  std::string at_limit = "10.0.0.1\t\t\t\t\t" + std::string(PeerList::kMaxLine - 13, 'x');
  ASSERT_EQ(at_limit.size(), PeerList::kMaxLine);
  EXPECT_EQ(PeerList::parse(at_limit + "\n").size(), 1u);
  PeerList over = PeerList::parse("# ok\n" + at_limit + "x\n10.0.0.2\n#" + std::string(PeerList::kMaxLine, 'c') + "\n");
  EXPECT_EQ(over.size(), 1u);
  ASSERT_EQ(over.problems().size(), 2u);
  EXPECT_EQ(over.problems()[0].line, 2u);
  EXPECT_EQ(over.problems()[0].what, "longer than 1024 bytes");
  EXPECT_EQ(over.format().size(), 5 + 1026 + 9 + 1026u);
}

TEST(PeerList, WhatIsWrittenIsNeverTooLongToRead) {
  PeerList list = PeerList::parse("fe80::1\t\t\t\t\t" + std::string(PeerList::kMaxLine - 12, 'x') + "\n");
  ASSERT_EQ(list.size(), 1u);
  PeerListEntry entry = entry_of("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%0123456789abcde]:54321");
  entry.mac = MacAddress{};
  for (int i = 0; i < 300; ++i) entry.vendor += "語";
  entry.last_seen = "2024-05-01T12:00:00.1234567890123+02:00";
  for (int i = 0; i < 40; ++i) entry.flags.push_back(std::string(30, 'f') + std::to_string(10 + i));
  ASSERT_TRUE(list.put(entry));
  PeerList again = PeerList::parse(list.format());
  EXPECT_TRUE(again.problems().empty());
  EXPECT_EQ(again.entries(), list.entries());
  EXPECT_EQ(again.entries()[1].flags.size(), PeerListEntry::kMaxFlags);
  EXPECT_EQ(again.entries()[1].vendor.size(), 255u);
}

TEST(PeerList, PutMendsWhatTheFileCannotHold) {
  PeerList list;
  PeerListEntry entry = entry_of("10.0.0.1");
  entry.vendor = "a\tb\nc";
  entry.last_seen = "now\t";
  entry.flags = {"peer", "bad flag", "peer", "a,b", ""};
  EXPECT_TRUE(list.put(entry));
  EXPECT_EQ(list.format(), "10.0.0.1\t\ta b c\t\tpeer\n");
  EXPECT_FALSE(list.put(entry));
  entry.endpoint.port = 0;
  EXPECT_FALSE(list.put(entry));
}

TEST(PeerList, PutAndEraseTellWhatChanged) {
  PeerList list = PeerList::parse("10.0.0.1\n# between\n10.0.0.2\n");
  EXPECT_FALSE(list.put(entry_of("10.0.0.1")));
  EXPECT_TRUE(list.erase(endpoint("10.0.0.1")));
  EXPECT_FALSE(list.erase(endpoint("10.0.0.1")));
  EXPECT_FALSE(list.contains(endpoint("10.0.0.1")));
  EXPECT_TRUE(list.contains(endpoint("10.0.0.2")));
  EXPECT_EQ(list.format(), "# between\n10.0.0.2\n");
  EXPECT_TRUE(list.put(entry_of("10.0.0.1")));
  EXPECT_TRUE(list.erase(endpoint("10.0.0.2")));
  EXPECT_TRUE(list.erase(endpoint("10.0.0.1")));
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.format(), "# between\n");
}

TEST(PeerList, AnEntryMovesToTheEndWithAllItsFields) {
  PeerList list = PeerList::parse("10.0.0.1\t\tV\t\t\tfuture\n# between\n10.0.0.2 # remark\n");
  EXPECT_TRUE(list.move_to_end(endpoint("10.0.0.1")));
  EXPECT_EQ(list.format(), "# between\n10.0.0.2\t# remark\n10.0.0.1\t\tV\t\t\tfuture\n");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(list.move_to_end(endpoint("10.0.0.2")));
  EXPECT_EQ(list.format(), "# between\n10.0.0.1\t\tV\t\t\tfuture\n10.0.0.2\t# remark\n");
  EXPECT_FALSE(list.move_to_end(endpoint("10.0.0.3")));
  EXPECT_EQ(list.size(), 2u);
  EXPECT_TRUE(list.contains(endpoint("10.0.0.1")));
}

TEST(PeerList, EntriesHaveALimit) {
  std::string text;
  for (std::size_t i = 0; i <= PeerList::kMaxEntries; ++i) {
    text += Ipv4Address{static_cast<std::uint32_t>(0x0a000000 + i)}.to_string() + "\n";
  }
  PeerList list = PeerList::parse(text);
  EXPECT_EQ(list.size(), PeerList::kMaxEntries);
  ASSERT_EQ(list.problems().size(), 1u);
  EXPECT_EQ(list.problems()[0].line, PeerList::kMaxEntries + 1);
  EXPECT_EQ(list.format(), text);
  EXPECT_FALSE(list.put(entry_of("192.168.0.1")));
  EXPECT_TRUE(list.erase(endpoint("10.0.0.1")));
  EXPECT_TRUE(list.put(entry_of("192.168.0.1")));
}

// T21. Quadratic work on this many entries would take hours, not the moment that it takes.
TEST(PeerList, LongListsAreReadChangedAndEmptied) {
  PeerList list;
  auto nth = [](std::size_t i) { return Endpoint{Ipv4Address{static_cast<std::uint32_t>(0x0a000000 + i)}, 1}; };
  for (std::size_t i = 0; i < PeerList::kMaxEntries; ++i) {
    PeerListEntry entry;
    entry.endpoint = nth(i);
    ASSERT_TRUE(list.put(entry));
  }
  list = PeerList::parse(list.format());
  ASSERT_EQ(list.size(), PeerList::kMaxEntries);
  for (std::size_t i = 0; i < PeerList::kMaxEntries; i += 2) ASSERT_TRUE(list.erase(nth(i)));
  for (std::size_t i = 0; i < PeerList::kMaxEntries; ++i) ASSERT_EQ(list.contains(nth(i)), i % 2 == 1);
  for (std::size_t i = 1; i < PeerList::kMaxEntries; i += 2) ASSERT_TRUE(list.erase(nth(i)));
  EXPECT_EQ(list.format(), "");
}

TEST(PeerList, KeepsOnlyTheFirstProblems) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "junk\n";
  PeerList list = PeerList::parse(text);
  EXPECT_EQ(list.problems().size(), 100u);
  EXPECT_EQ(list.format(), text);
}

TEST(PeerList, AHugeTextIsNoPeerList) {
  std::string text(PeerList::kMaxFileSize, '\n');
  EXPECT_TRUE(PeerList::parse(text).problems().empty());
  PeerList list = PeerList::parse(text + "\n");
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.problems().size(), 1u);
}

TEST(PeerList, ACommentWithALineEndIsOurBug) {
  PeerList list;
  EXPECT_DEATH(list.add_comment("a\nb"), "check failed");
}

}  // namespace
}  // namespace net
