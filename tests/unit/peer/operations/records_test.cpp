// SPDX-License-Identifier: MIT
#include "peer/operations/records.h"

#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

namespace peer::operations {
namespace {

using namespace std::chrono_literals;

std::string line(std::int64_t time, const std::string& path) {
  Download event;
  event.time = time;
  event.path = path;
  return to_json_line(event);
}
std::string upload_line(std::int64_t time, const std::string& path) {
  Upload event;
  event.time = time;
  event.path = path;
  return to_json_line(event);
}

TEST(Records, LogsAreMergedByTimeTheNewestLast) {
  const std::string a = line(1, "a"), b = upload_line(2, "b"), c = line(2, "c"), d = line(3, "d");
  EXPECT_EQ(merge_logs({a + "\n" + c + "\n", d + "\n", b + "\n"}), (std::vector<std::string>{a, c, b, d}));
  EXPECT_TRUE(merge_logs({}).empty());
}

TEST(Records, T45_WhatIsNoRecordIsLeftOut) {
  const std::string a = line(1, "a");
  EXPECT_EQ(merge_logs({"\n\x1b[2J\nnull\n{}\n" + to_json_line(Error{"x"}) + "\n" +
                        R"({"event":"download","time":null,"path":"x"})" + "\n" + a + "\n" + a.substr(0, 40)}),
            std::vector<std::string>{a});
  // What another program has put into the file is printed as we would have.
  EXPECT_EQ(merge_logs({R"({"event":"download","time":"1970-01-01T00:00:01Z","path":")"
                        "\x9b\xe2\x80\xae\"}"})
                .size(),
            0u);
  for (const std::string& out : merge_logs({R"({"event":"download","time":"1970-01-01T00:00:01Z","path":")"
                                            "\xe2\x80\xae\"}"})) {
    EXPECT_EQ(out.find('\xe2'), std::string::npos);
  }
}

struct RecordsTest : NodeFixture {
  support::MemoryContent content = memory.generate(3 * files::kMinChunkSize, 1);
};

TEST_F(RecordsTest, ADownloadNamesItsSources) {
  Remote& remote = accept(1);
  offer(remote, {{"file", content.id}});
  const TransferId id = fetch(content.id);
  clock.advance(2s);
  auto now_events = transfers_now(node, clock.now());
  ASSERT_EQ(now_events.size(), 1u);
  const auto& running = std::get<Fetching>(now_events.front());
  EXPECT_EQ(running.path, "downloads/file");
  EXPECT_EQ(running.sources_count, 1u);
  EXPECT_EQ(running.total, content.id.length);
  serve(remote, content);
  ASSERT_EQ(state(id), swarm::Transfer::State::kDone);
  EXPECT_TRUE(transfers_now(node, clock.now()).empty());
  auto records = node.ledger().take_fetched();
  ASSERT_EQ(records.size(), 1u);
  const Download event = to_event(records.front(), 951827696);
  EXPECT_EQ(event.time, 951827696);
  EXPECT_EQ(event.result, "done");
  EXPECT_EQ(event.path, "downloads/file");
  EXPECT_EQ(event.bytes, content.id.length);
  EXPECT_EQ(event.seconds, 2);
  EXPECT_EQ(event.rate, content.id.length / 2);
  ASSERT_EQ(event.sources.size(), 1u);
  EXPECT_EQ(event.sources[0].name, "peer 1");
  EXPECT_EQ(event.sources[0].peer, "10.0.0.1:12345");
  EXPECT_EQ(event.sources[0].bytes, content.id.length);
}

TEST_F(RecordsTest, ADownloadThatIsStoppedOrFailsIsRecordedToo) {
  fetch(content.id);
  node.cancel(clock.now(), 1);
  store.behaviour.fail_open = true;
  fetch(content.id);
  auto records = node.ledger().take_fetched();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(to_event(records[0], 0).result, "cancelled");
  EXPECT_EQ(to_event(records[0], 0).error, "");
  EXPECT_EQ(to_event(records[1], 0).result, "failed");
  EXPECT_NE(to_event(records[1], 0).error, "");
}

TEST_F(RecordsTest, WhoTakesAFileIsToldWhileItDoesAndRecordedAfterwards) {
  library.add("shared file", content);
  Remote& remote = accept(1);
  wire::ChunkGet question;
  question.request = 1;
  question.id = content.id;
  question.level = static_cast<std::uint8_t>(files::chunk_grid(content.id.length).level());
  question.chunk = 0;
  remote.session.send(question);
  run();
  auto now_events = transfers_now(node, clock.now());
  ASSERT_EQ(now_events.size(), 1u);
  const auto& sending = std::get<Sending>(now_events.front());
  EXPECT_EQ(sending.path, "shared file");
  EXPECT_EQ(sending.name, "peer 1");
  EXPECT_EQ(sending.bytes, files::kMinChunkSize);
  EXPECT_EQ(sending.size, content.id.length);
  node.closed(clock.now(), remote.id, "gone");
  auto records = node.ledger().take_taken();
  ASSERT_EQ(records.size(), 1u);
  const Upload event = to_event(records.front(), "shared file", 951827696);
  EXPECT_EQ(event.result, "closed");
  EXPECT_EQ(event.peer, "10.0.0.1:12345");
  EXPECT_EQ(event.bytes, files::kMinChunkSize);
  EXPECT_TRUE(transfers_now(node, clock.now()).empty());
}

}  // namespace
}  // namespace peer::operations
