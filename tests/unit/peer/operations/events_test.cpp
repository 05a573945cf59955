// SPDX-License-Identifier: MIT
#include "peer/operations/events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "peer/control/grammar.h"

namespace peer::operations {
namespace {

static_assert(kMaxEventLine <= control::kMaxDataLine);

constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();

/// One of each, with every text set to `text`.
std::vector<Event> every_event(const std::string& text) {
  return {File{text, text, kMost, 951827696, {{text, text}, {"b", ""}}, 7},
          Peer{text, text, text, text, 3, text},
          Start{text, text, 1},
          Progress{text, text, 1, kMost, 2, 3, 4, text},
          Done{text, text, 1, 1.5, 1, true},
          Ambiguous{text, {{text, text, 1, 2}, {"b", "c", 3, 4}}, 2},
          NotFound{text},
          Failed{text, text, text},
          Paused{text, text, text},
          Error{text},
          PeerStatus{text, text, {text, "b"}, text, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
          Identity{text, text, 1},
          Verified{text, text, false, text},
          PushBegun{1, kMost, 3},
          LeftOut{text, text, true},
          FolderMade{text},
          Growing{text, text},
          ReceiverProgress{text, text, 1, kMost, 2, 3, text},
          Receiver{text, text, text, text, 1, 2, 3, 4, 5, 6, 0.25, text},
          Fetching{text, text, 1, kMost, 2, 3, text, {{text, text, 1, kMost}, {"b", "c", 0, 0}}, 5},
          Sending{text, text, text, text, kMost, 1, 2},
          Download{951827696, text, text, kMost, 1, 2.5, 3, text, text, {{text, text, 1, kMost}}, 4},
          Upload{951827696, text, text, text, text, kMost, 1, 2.5, 3, text},
          FileAdded{{text, text, kMost, 951827696, {{text, text}, {"b", ""}}, 7}},
          FileChanged{{text, text, kMost, 951827696, {{text, text}}, 7}},
          FileRemoved{{text, text, kMost, 951827696, {}, 0}},
          PeerAdded{{text, text, text, text, 3, text}},
          PeerChanged{{text, text, text, text, 3, text}},
          PeerRemoved{{text, text, text, text, 3, text}},
          Summary{255, 1, 2, 3, 4, 0.25}};
}

bool is_printable_ascii(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

TEST(Events, LinesArePinned) {
  EXPECT_EQ(to_json_line(File{"a/b", "p2p:00:5", 5, 0, {{"10.0.0.1:12345", "ann"}}, 1}),
            R"({"event":"file","path":"a/b","id":"p2p:00:5","size":5,"mtime":"1970-01-01T00:00:00Z",)"
            R"("providers":[{"peer":"10.0.0.1:12345","name":"ann"}],"providers_count":1})");
  EXPECT_EQ(
      to_json_line(Peer{"10.0.0.1:12345", "ann", "ff", "connected", 3, ""}),
      R"({"event":"peer","endpoint":"10.0.0.1:12345","name":"ann","node":"ff","state":"connected","files":3,"error":""})");
  EXPECT_EQ(to_json_line(FileRemoved{{"a/b", "p2p:00:5", 5, std::nullopt, {}, 0}}),
            R"({"event":"file_removed","path":"a/b","id":"p2p:00:5","size":5,"mtime":null,)"
            R"("providers":[],"providers_count":0})");
  EXPECT_EQ(to_json_line(PeerChanged{{"10.0.0.1:12345", "ann", "ff", "connected", 3, ""}}),
            R"({"event":"peer_changed","endpoint":"10.0.0.1:12345","name":"ann","node":"ff",)"
            R"("state":"connected","files":3,"error":""})");
  EXPECT_EQ(to_json_line(Start{"a", "i", 5}), R"({"event":"start","path":"a","id":"i","size":5})");
  EXPECT_EQ(
      to_json_line(Progress{"i", "a", 1, 5, 2, std::nullopt, 3, "fetching"}),
      R"({"event":"progress","id":"i","path":"a","done":1,"total":5,"rate":2,"eta":null,"sources":3,"state":"fetching"})");
  EXPECT_EQ(
      to_json_line(Done{"downloads/a", "i", 5, 1.23456, 5, false}),
      R"({"event":"done","path":"downloads/a","id":"i","size":5,"seconds":1.235,"fetched":5,"already_there":false})");
  EXPECT_EQ(
      to_json_line(Ambiguous{"a", {{"x/a", "i", 5, 2}}, 1}),
      R"({"event":"ambiguous","name":"a","candidates":[{"path":"x/a","id":"i","size":5,"providers_count":2}],"candidates_count":1})");
  EXPECT_EQ(to_json_line(NotFound{"a"}), R"({"event":"not_found","name":"a"})");
  EXPECT_EQ(to_json_line(Failed{"a", "i", "why"}), R"({"event":"failed","path":"a","id":"i","error":"why"})");
  EXPECT_EQ(to_json_line(Paused{"a", "i", "why"}), R"({"event":"paused","path":"a","id":"i","error":"why"})");
  EXPECT_EQ(to_json_line(Error{"why"}), R"({"event":"error","error":"why"})");
  EXPECT_EQ(to_json_line(Identity{"a", "i", 5}), R"({"event":"id","path":"a","id":"i","size":5})");
  EXPECT_EQ(to_json_line(Verified{"a", "i", true, ""}),
            R"({"event":"verify","path":"a","id":"i","ok":true,"error":""})");
  EXPECT_EQ(to_json_line(PushBegun{2, 5, 1}), R"({"event":"push","files":2,"bytes":5,"left_out":1})");
  EXPECT_EQ(to_json_line(FolderMade{"downloads/a"}), R"({"event":"folder","path":"downloads/a"})");
  EXPECT_EQ(to_json_line(Growing{"10.0.0.1:12345", "ann"}),
            R"({"event":"growing","peer":"10.0.0.1:12345","name":"ann"})");
  EXPECT_EQ(to_json_line(LeftOut{"a/b", "a symbolic link", false}),
            R"({"event":"left_out","path":"a/b","reason":"a symbolic link","failed":false})");
  EXPECT_EQ(
      to_json_line(ReceiverProgress{"10.0.0.1:12345", "ann", 1, 5, 2, 2, "fetching"}),
      R"({"event":"receiver_progress","peer":"10.0.0.1:12345","name":"ann","done":1,"total":5,"rate":2,"eta":2,"state":"fetching"})");
  EXPECT_EQ(
      to_json_line(Receiver{"10.0.0.1:12345", "ann", "ff", "partly", 2, 1, 1, 5, 4, 6, 1.5, "why"}),
      R"({"event":"receiver","peer":"10.0.0.1:12345","name":"ann","node":"ff","state":"partly","files":2,"there":1,)"
      R"("failed":1,"bytes":5,"moved":4,"sent":6,"seconds":1.5,"error":"why"})");
  EXPECT_EQ(
      to_json_line(Download{0, "downloads/a", "i", 5, 5, 0.5, 10, "done", "", {{"10.0.0.1:12345", "ann", 5, 10}}, 1}),
      R"({"event":"download","time":"1970-01-01T00:00:00Z","path":"downloads/a","id":"i","size":5,"bytes":5,)"
      R"("seconds":0.5,"rate":10,"result":"done","error":"",)"
      R"("sources":[{"peer":"10.0.0.1:12345","name":"ann","bytes":5,"rate":10}],"sources_count":1})");
  EXPECT_EQ(to_json_line(Upload{0, "10.0.0.1:12345", "ann", "a", "i", 5, 5, 0.5, 10, "whole"}),
            R"({"event":"upload","time":"1970-01-01T00:00:00Z","peer":"10.0.0.1:12345","name":"ann","path":"a",)"
            R"("id":"i","size":5,"bytes":5,"seconds":0.5,"rate":10,"result":"whole"})");
  EXPECT_EQ(
      to_json_line(Sending{"10.0.0.1:12345", "ann", "a", "i", 5, 4, 3}),
      R"({"event":"sending","peer":"10.0.0.1:12345","name":"ann","path":"a","id":"i","size":5,"bytes":4,"rate":3})");
  EXPECT_EQ(to_json_line(Fetching{"a", "i", 1, 5, 2, 2, "fetching", {}, 3}),
            R"({"event":"fetching","path":"a","id":"i","done":1,"total":5,"rate":2,"eta":2,"state":"fetching",)"
            R"("sources":[],"sources_count":3})");
  EXPECT_EQ(to_json_line(Summary{4, 0, 1, 2, 0, 0.5}),
            R"({"event":"summary","exit":4,"files":0,"failed":1,"peers":2,"bytes":0,"seconds":0.5})");
}

TEST(Events, ReadsWhatIsWritten) {
  for (const auto& event : every_event("na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac")) {
    auto back = parse_json_line(to_json_line(event));
    ASSERT_TRUE(back.ok()) << to_json_line(event);
    EXPECT_EQ(*back, event) << to_json_line(event);
  }
}

TEST(Events, T45HostileTextLeavesJsonValidAndHarmless) {
  const std::string hostile[] = {"\x1b[2J\x1b]0;x\x07",
                                 "a\nb\r\nc",
                                 "\"},{\"event\":\"done\"",
                                 "\\",
                                 "\xc2\x9b"
                                 "31m",
                                 "\xe2\x80\xae"
                                 "cod.exe",
                                 "\xff\xfe\xc3",
                                 "\xed\xa0\x80",
                                 std::string("a\0b", 3),
                                 "\x7f",
                                 "\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf"};
  for (const auto& text : hostile)
    for (const auto& event : every_event(text)) {
      auto line = to_json_line(event);
      EXPECT_TRUE(is_printable_ascii(line)) << line;
      EXPECT_TRUE(nlohmann::json::accept(line)) << line;
      auto back = parse_json_line(line);
      ASSERT_TRUE(back.ok()) << line;
      EXPECT_EQ(back->index(), event.index());
    }
}

TEST(Events, T01LinesAreBoundedWhateverTheyHold) {
  for (const char* unit : {"\x01", "\xff", "\xe2\x80\xae", "x"}) {
    std::string text;
    while (text.size() < 100000) text += unit;
    for (auto& event : every_event(text)) {
      if (auto* file = std::get_if<File>(&event)) file->providers.assign(1000, Provider{text, text});
      if (auto* ambiguous = std::get_if<Ambiguous>(&event))
        ambiguous->candidates.assign(1000, Candidate{text, text, 1, 1});
      if (auto* status = std::get_if<PeerStatus>(&event)) status->listening.assign(1000, text);
      if (auto* fetching = std::get_if<Fetching>(&event)) fetching->sources.assign(1000, Portion{text, text, kMost, 1});
      if (auto* download = std::get_if<Download>(&event)) download->sources.assign(1000, Portion{text, text, kMost, 1});
      auto line = to_json_line(event);
      EXPECT_LE(line.size(), kMaxEventLine);
      EXPECT_TRUE(parse_json_line(line).ok());
    }
  }
}

TEST(Events, CutTextIsStillUtf8) {
  for (std::size_t lead = 0; lead < 4; ++lead) {
    std::string text(lead, 'x');
    while (text.size() <= kMaxText) text += "\xf0\x9f\x90\xa7";
    auto back = parse_json_line(to_json_line(NotFound{text}));
    ASSERT_TRUE(back.ok());
    const auto& name = std::get<NotFound>(*back).name;
    EXPECT_LE(name.size(), kMaxText);
    EXPECT_GT(name.size(), kMaxText - 4);
    EXPECT_EQ(name, text.substr(0, name.size()));
    EXPECT_EQ((name.size() - lead) % 4, 0U);
  }
}

TEST(Events, TimesWithoutAFormAreNull) {
  File file;
  for (auto mtime : {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    file.mtime = mtime;
    auto back = parse_json_line(to_json_line(file));
    ASSERT_TRUE(back.ok());
    EXPECT_FALSE(std::get<File>(*back).mtime);
  }
}

TEST(Events, NumbersThatAreNoneAreZero) {
  Done done;
  done.seconds = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(to_json_line(done).find("\"seconds\":0.0"), std::string::npos);
  done.seconds = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(parse_json_line(to_json_line(done)).ok());
}

TEST(Events, EveryTruncationIsRefused) {
  for (const auto& event : every_event("x")) {
    auto line = to_json_line(event);
    for (std::size_t length = 0; length < line.size(); ++length) {
      auto parsed = parse_json_line(std::string_view(line).substr(0, length));
      ASSERT_FALSE(parsed.ok());
      EXPECT_EQ(parsed.error(), EventError::kNotJson);
    }
  }
}

TEST(Events, WrongTypesAreRefused) {
  for (const char* line :
       {R"({"event":"file","path":1})", R"({"event":"file","size":-1})", R"({"event":"file","size":1.5})",
        R"({"event":"file","size":"1"})", R"({"event":"file","mtime":"yesterday"})",
        R"({"event":"file","providers":{}})", R"({"event":"file","providers":[1]})",
        R"({"event":"file","providers":[{"peer":1}]})", R"({"event":"file","size":18446744073709551616})",
        R"({"event":"done","seconds":-1})", R"({"event":"done","seconds":"1"})",
        R"({"event":"done","already_there":1})", R"({"event":"summary","exit":256})",
        R"({"event":"progress","eta":"soon"})", R"({"event":"status","listening":[1]})"}) {
    auto parsed = parse_json_line(line);
    ASSERT_FALSE(parsed.ok()) << line;
    EXPECT_EQ(parsed.error(), EventError::kBadField) << line;
  }
}

TEST(Events, OtherVersionsAreTolerated) {
  EXPECT_EQ(parse_json_line(R"({"event":"tomorrow"})").error(), EventError::kUnknown);
  EXPECT_EQ(*parse_json_line(R"({"event":"not_found","name":"a","more":[1,{}]})"), Event(NotFound{"a"}));
  EXPECT_EQ(*parse_json_line(R"({"event":"summary"})"), Event(Summary{}));
}

TEST(Events, T09DeepAndWideJsonIsRefusedOrSkipped) {
  auto deep = R"({"event":)" + std::string(60000, '[');
  EXPECT_EQ(parse_json_line(deep).error(), EventError::kNotJson);
  deep = R"({"event":"tomorrow","x":)" + std::string(30000, '[') + std::string(30000, ']') + "}";
  EXPECT_EQ(parse_json_line(deep).error(), EventError::kUnknown);
  std::string wide = R"({"event":"not_found")";
  for (int i = 0; wide.size() < 60000; ++i) wide += ",\"" + std::to_string(i) + "\":0";
  EXPECT_TRUE(parse_json_line(wide + "}").ok());
  EXPECT_EQ(parse_json_line(std::string(kMaxEventLine + 1, ' ')).error(), EventError::kNotJson);
  for (const char* line : {"", "1", "[]", "null", "{}", R"({"event":1})", R"({"event":"done"} x)"})
    EXPECT_EQ(parse_json_line(line).error(), EventError::kNotJson) << line;
}

}  // namespace
}  // namespace peer::operations
