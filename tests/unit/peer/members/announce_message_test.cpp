// SPDX-License-Identifier: MIT
#include "peer/members/announce_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace peer::members {
namespace {

constexpr const char* kId = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";

Announcement sample() {
  Announcement announcement;
  EXPECT_TRUE(net::from_hex(kId, announcement.id));
  announcement.instance = 0x00d1f5a37c2b9e44;
  announcement.user = "alice";
  announcement.port = 12345;
  announcement.revision = 1'700'000'000'000;
  announcement.count = 2;
  announcement.files = {{"film.mkv", 734003200}, {"talks/1.pdf", 9120}};
  return announcement;
}

std::string sample_text() {
  return std::string(R"({"p2p":1,"op":"announce","id":")") + kId +
         R"(","instance":"00d1f5a37c2b9e44","user":"alice","port":12345,"rev":1700000000000,"count":2,)" +
         R"("files":[{"name":"film.mkv","size":734003200},{"name":"talks/1.pdf","size":9120}]})";
}

auto parse(std::string_view text) { return parse_announcement(net::as_bytes(text)); }

AnnouncementError error_of(std::string_view text) {
  auto result = parse(text);
  EXPECT_FALSE(result.ok()) << text;
  return result.ok() ? AnnouncementError::kUnknown : result.error();
}

/// The sample with one piece of its text replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = sample_text();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(AnnounceMessage, IsThePagesJson) {
  EXPECT_EQ(encode_announcement(sample()), sample_text());
  auto parsed = parse(sample_text());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, sample());
}

TEST(AnnounceMessage, LeaveHasFourFields) {
  Announcement leave = sample();
  leave.op = Announcement::Op::kLeave;
  auto text = encode_announcement(leave);
  EXPECT_EQ(text, std::string(R"({"p2p":1,"op":"leave","id":")") + kId + R"(","instance":"00d1f5a37c2b9e44"})");
  auto parsed = parse(*text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->op, Announcement::Op::kLeave);
  EXPECT_EQ(parsed->id, leave.id);
  EXPECT_EQ(parsed->instance, leave.instance);
}

TEST(AnnounceMessage, EveryTruncationIsRefused) {
  const std::string text = sample_text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(error_of(text.substr(0, size)), AnnouncementError::kNotJson) << size;
  }
}

TEST(AnnounceMessage, UserAndFilesMayBeMissing) {
  auto parsed = parse(with(R"("user":"alice",)", ""));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->user, "");
  const std::string whole = sample_text();
  parsed = parse(whole.substr(0, whole.find(",\"files\"")) + "}");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->files.empty());
}

TEST(AnnounceMessage, OtherFieldsAreNeeded) {
  for (const char* field : {R"("p2p":1,)", R"("op":"announce",)", R"("instance":"00d1f5a37c2b9e44",)",
                            R"("port":12345,)", R"("rev":1700000000000,)", R"("count":2,)", R"(,"size":9120)"}) {
    EXPECT_EQ(error_of(with(field, "")), AnnouncementError::kBadField) << field;
  }
  EXPECT_EQ(error_of(with(std::string(R"("id":")") + kId + R"(",)", "")), AnnouncementError::kBadField);
}

TEST(AnnounceMessage, UnknownFieldsArePassedOver) {
  EXPECT_TRUE(parse(with(R"("port")", R"("colour":"green","list":[{}],"port")")));
}

TEST(AnnounceMessage, OtherVersionsAndOperationsAreNoMistake) {
  EXPECT_EQ(error_of(with(R"("p2p":1)", R"("p2p":2)")), AnnouncementError::kUnknown);
  EXPECT_EQ(error_of(with(R"("p2p":1)", R"("p2p":"1")")), AnnouncementError::kUnknown);
  EXPECT_EQ(error_of(with("announce", "query")), AnnouncementError::kUnknown);
}

TEST(AnnounceMessage, NumbersAreInRange) {
  EXPECT_TRUE(parse(with("12345", "65535")));
  EXPECT_TRUE(parse(with("12345", "0")));
  EXPECT_TRUE(parse(with("9120", "9007199254740991")));
  for (const char* port : {"65536", "-1", "1.5", "1e3", "\"12345\"", "null", "true", "99999999999999999999999"}) {
    EXPECT_EQ(error_of(with("12345", port)), AnnouncementError::kBadField) << port;
  }
  for (const char* field : {"1700000000000", ":2", "9120"}) {
    const std::string mark = field[0] == ':' ? ":" : "";
    EXPECT_EQ(error_of(with(field, mark + "9007199254740992")), AnnouncementError::kBadField) << field;
    EXPECT_EQ(error_of(with(field, mark + "-1")), AnnouncementError::kBadField) << field;
  }
  EXPECT_EQ(error_of(with("00d1f5a37c2b9e44", "d1f5a37c2b9e44")), AnnouncementError::kBadField);
  EXPECT_EQ(error_of(with("00d1f5a37c2b9e44", "00d1f5a37c2b9e4g")), AnnouncementError::kBadField);
  EXPECT_EQ(error_of(with("6e34", "6e")), AnnouncementError::kBadField);
}

TEST(AnnounceMessage, T45TextsAreClean) {
  EXPECT_TRUE(parse(with("alice", "\xc3\xa9 \\u00e9 \\\" \xe2\x80\xae")));
  EXPECT_TRUE(parse(with("alice", std::string(64, 'a'))));
  EXPECT_EQ(error_of(with("alice", std::string(65, 'a'))), AnnouncementError::kBadField);
  for (const char* bad : {"\\u001b[2J", "\\n", "\\u0000", "\\u007f", "\\u0085", "\xc2\x9b"}) {
    EXPECT_EQ(error_of(with("alice", bad)), AnnouncementError::kBadField) << bad;
    EXPECT_EQ(error_of(with("film.mkv", bad)), AnnouncementError::kBadField) << bad;
  }
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\x1b", "\n"}) {
    EXPECT_EQ(error_of(with("alice", bad)), AnnouncementError::kNotJson) << bad;
  }
  for (const char* bad : {"", ".", "../a", "/a", ".hidden", "a//b", "a/../b"}) {
    EXPECT_EQ(error_of(with("film.mkv", bad)), AnnouncementError::kBadField) << bad;
  }
}

TEST(AnnounceMessage, T09DepthAndLengthAreBounded) {
  EXPECT_TRUE(parse(with("12345", R"(12345,"x":[[]])")));
  EXPECT_EQ(error_of(with("12345", R"(12345,"x":[[[]]])")), AnnouncementError::kTooDeep);
  EXPECT_EQ(error_of(std::string(1200, '[')), AnnouncementError::kTooDeep);
  // Brackets in texts are none.
  EXPECT_TRUE(parse(with("alice", "[[[[{{{{\\\"[[[")));
  EXPECT_TRUE(parse(sample_text() + std::string(1200 - sample_text().size(), ' ')));
  EXPECT_EQ(error_of(sample_text() + std::string(1201 - sample_text().size(), ' ')), AnnouncementError::kTooLong);
  EXPECT_EQ(error_of(std::string(100'000, '[')), AnnouncementError::kTooLong);
}

TEST(AnnounceMessage, OtherJsonIsRefused) {
  for (const char* text : {"[]", "1", "\"p2p\"", "null", "{", "{} x", "{\"p2p\":1,}"}) {
    EXPECT_EQ(error_of(text), AnnouncementError::kNotJson) << text;
  }
  EXPECT_EQ(error_of("{}"), AnnouncementError::kBadField);
  EXPECT_EQ(error_of(with(R"([{"name":"film.mkv","size":734003200},)", "[1,")), AnnouncementError::kBadField);
  EXPECT_EQ(error_of(with(R"([{"name":"film.mkv","size":734003200},{"name":"talks/1.pdf","size":9120}])", "{}")),
            AnnouncementError::kBadField);
}

TEST(AnnounceMessage, AsManyFilesAsFit) {
  Announcement announcement = sample();
  announcement.files.clear();
  for (std::uint64_t i = 0; i < 100; ++i) announcement.files.push_back({"file " + std::to_string(i), i});
  std::size_t previous = 0;
  for (std::size_t limit = 0; limit <= kMaxAnnouncementSize + 10; ++limit) {
    auto text = encode_announcement(announcement, limit);
    if (!text) continue;
    EXPECT_LE(text->size(), std::min(limit, kMaxAnnouncementSize));
    auto parsed = parse(*text);
    ASSERT_TRUE(parsed) << *text;
    EXPECT_GE(parsed->files.size(), previous);
    previous = parsed->files.size();
    for (std::size_t i = 0; i < previous; ++i) EXPECT_EQ(parsed->files[i], announcement.files[i]);
  }
  EXPECT_GE(previous, 30u);
  auto text = encode_announcement(announcement);
  EXPECT_GT(text->size() + 30, kMaxAnnouncementSize);
}

TEST(AnnounceMessage, TheUserGoesBeforeNothingIsSaid) {
  Announcement announcement = sample();
  announcement.files.clear();
  const std::size_t whole = encode_announcement(announcement)->size();
  EXPECT_EQ(parse(*encode_announcement(announcement, whole))->user, "alice");
  auto shorter = encode_announcement(announcement, whole - 1);
  ASSERT_TRUE(shorter);
  EXPECT_EQ(parse(*shorter)->user, "");
  EXPECT_FALSE(encode_announcement(announcement, shorter->size() - 1));
  announcement.op = Announcement::Op::kLeave;
  EXPECT_FALSE(encode_announcement(announcement, 50));
}

TEST(AnnounceMessage, WhatCouldNotBeReadIsNotWritten) {
  Announcement announcement = sample();
  announcement.user = "bad\xff\x1b";
  announcement.revision = announcement.count = ~std::uint64_t{0};
  announcement.files = {{"\xff", 1}, {"../a", 1}, {"too large", kMaxAnnouncedNumber + 1}, {"quote\"d", 7}};
  auto parsed = parse(*encode_announcement(announcement));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->user, "");
  EXPECT_EQ(parsed->revision, kMaxAnnouncedNumber);
  EXPECT_EQ(parsed->count, kMaxAnnouncedNumber);
  EXPECT_EQ(parsed->files, (std::vector<AnnouncedFile>{{"quote\"d", 7}}));
}

}  // namespace
}  // namespace peer::members
