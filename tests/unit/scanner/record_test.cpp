// SPDX-License-Identifier: MIT
#include "scanner/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "net/text_width.h"
#include "net/utf8.h"

namespace scanner {
namespace {

using testing::HasSubstr;
using testing::Not;

auto occurrences(const std::string& text, char c) { return std::count(text.begin(), text.end(), c); }

Record sample() {
  Record record;
  record.address = "10.0.0.7";
  record.cards = {{{{0, 0x1b, 0x21, 0, 0, 1}}, "Intel Corporate"}};
  record.interface = "eth0";
  record.source = "reply";
  record.round_trip_ms = 1.23456;
  record.requests = 2;
  return record;
}

Record conflict() {
  Record record = sample();
  record.cards.push_back({{{0, 0x1b, 0x21, 0, 0, 2}}, "Other, \"Ltd\""});
  record.flags = {"conflict", "peer"};
  return record;
}

TEST(Plain, HasThreeFieldsAndFlagsWhereThereAreAny) {
  EXPECT_EQ(format_plain(sample()), "10.0.0.7\t00:1b:21:00:00:01\tIntel Corporate\n");
  EXPECT_EQ(format_plain(conflict()),
            "10.0.0.7\t00:1b:21:00:00:01\tIntel Corporate\tconflict,peer\n"
            "10.0.0.7\t00:1b:21:00:00:02\tOther, \"Ltd\"\tconflict,peer\n");
}

TEST(Json, HasItsMembers) {
  EXPECT_EQ(format_json(sample()),
            R"({"ip":"10.0.0.7","mac":"00:1b:21:00:00:01","vendor":"Intel Corporate","interface":"eth0",)"
            R"("source":"reply","rtt_ms":1.235,"requests":2,"flags":[]})"
            "\n");
  EXPECT_THAT(format_json(conflict(), "update"), HasSubstr(R"({"event":"update","ip")"));
  EXPECT_THAT(format_json(conflict()), HasSubstr(R"("macs":["00:1b:21:00:00:01","00:1b:21:00:00:02"])"));
}

TEST(Csv, QuotesWhereItMust) {
  EXPECT_EQ(format_csv(conflict()),
            "10.0.0.7,00:1b:21:00:00:01,Intel Corporate,eth0,reply,1.23,conflict peer,\n"
            "10.0.0.7,00:1b:21:00:00:02,\"Other, \"\"Ltd\"\"\",eth0,reply,1.23,conflict peer,\n");
  EXPECT_EQ(occurrences(format_csv_header(), ','), 7);
}

// T45
TEST(Formats, HostileTextIsHarmlessInAllOfThem) {
  for (const std::string& hostile : {std::string("\x1b[2J\x1b]0;x\x07"), std::string("a\nb\tc\r"),
                                     std::string("\xc2\x9b"
                                                 "31m"),
                                     std::string("\xe2\x80\xae"
                                                 "evil"),
                                     std::string("\xff\xfe"), std::string("nul\0byte", 8)}) {
    Record record = sample();
    record.cards[0].vendor = hostile;
    record.name = hostile;
    record.interface = hostile;
    for (const std::string& text :
         {format_plain(record), format_csv(record), format_json(record), format_table({record}, 80)}) {
      EXPECT_EQ(text.find('\x1b'), std::string::npos);
      EXPECT_EQ(text.find('\r'), std::string::npos);
      EXPECT_EQ(text.find('\0'), std::string::npos);
      EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
      EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
      EXPECT_TRUE(net::is_utf8(text));
    }
    EXPECT_EQ(occurrences(format_json(record), '\n'), 1);
    EXPECT_EQ(nlohmann::json::parse(format_json(record)).at("ip"), "10.0.0.7");
    EXPECT_EQ(occurrences(format_plain(record), '\n'), 1);
    EXPECT_EQ(occurrences(format_plain(record), '\t'), 2);
  }
}

TEST(Table, FitsTheTerminal) {
  Record wide = sample();
  wide.cards[0].vendor = std::string(300, 'v');
  std::istringstream lines(format_table({sample(), wide}, 80));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(net::display_width(line), 80U) << line;
}

TEST(Table, ShowsEveryClaimantAndOnlyColumnsInUse) {
  const std::string table = format_table({conflict()}, 120);
  EXPECT_THAT(table, HasSubstr("00:1b:21:00:00:02"));
  EXPECT_THAT(table, HasSubstr("conflict"));
  EXPECT_THAT(format_table({sample()}, 120), Not(HasSubstr("NOTES")));
}

TEST(Record, TakesVerdictsAndVendorsFromTheTable) {
  HostTable table;
  table.see({.interface = "eth0",
             .address = net::Ipv4Address{0x0a000007},
             .mac = net::MacAddress{{2, 0, 0, 0, 0, 1}},
             .source = Source::kGratuitous,
             .round_trip = {},
             .requests = 0});
  Vendors vendors;
  vendors.finish();
  const Record record = make_record(table.hosts().begin()->second, table, &vendors);
  EXPECT_EQ(record.cards.at(0).vendor, "(random/local)");
  EXPECT_EQ(record.source, "gratuitous");
  EXPECT_EQ(make_record(table.hosts().begin()->second, table, nullptr).cards.at(0).vendor, "");
}

}  // namespace
}  // namespace scanner
