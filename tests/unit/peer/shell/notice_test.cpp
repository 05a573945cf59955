// SPDX-License-Identifier: MIT
#include "peer/shell/notice.h"

#include <gtest/gtest.h>

#include "peer/operations/events.h"
#include "peer/operations/feed.h"

namespace peer::shell {
namespace {

std::string notice(const operations::Event& event, const std::set<std::string>& told = {}) {
  return notice_of(operations::to_json_line(event), told);
}

TEST(ShellNotice, TellsOfPeers) {
  operations::Peer peer;
  peer.endpoint = "10.0.0.7:12345";
  peer.state = "connected";
  EXPECT_EQ(notice(peer), "[10.0.0.7:12345 is here]\n");
  // T45
  peer.name = "e\x1b[2Jvil";
  peer.state = "gone";
  EXPECT_EQ(notice(peer), "[10.0.0.7:12345 (e\\x1b[2Jvil) is gone]\n");
  peer.state = "unreachable";
  EXPECT_EQ(notice(peer), "");
}

TEST(ShellNotice, TellsOfDownloadsThatNobodyHasToldOf) {
  operations::Download download;
  download.path = "downloads/a";
  download.id = "p2p:1";
  download.size = 2048;
  download.result = "done";
  EXPECT_EQ(notice(download), "[downloads/a was fetched, 2.00 KiB]\n");
  EXPECT_EQ(notice(download, {"p2p:1"}), "");
  download.result = "failed";
  download.error = "no\nroom";
  EXPECT_EQ(notice(download), "[downloads/a was not fetched: no\\x0aroom]\n");
  download.result = "cancelled";
  EXPECT_EQ(notice(download), "");
}

TEST(ShellNotice, PassesByWhatIsNone) {
  EXPECT_EQ(notice(operations::Summary{}), "");
  EXPECT_EQ(notice_of("no JSON", {}), "");
}

TEST(ShellNotice, KnowsTheEndOfADownload) {
  operations::Done done;
  done.id = "p2p:1";
  EXPECT_EQ(ended_download(operations::to_json_line(done)), "p2p:1");
  EXPECT_EQ(ended_download(operations::to_json_line(operations::Failed{"a", "p2p:2", "x"})), "p2p:2");
  EXPECT_EQ(ended_download(operations::to_json_line(operations::Start{"a", "p2p:2", 1})), "");
  EXPECT_EQ(ended_download(R"({"event":"done")"), "");
}

TEST(Feed, GivesWhatCameSince) {
  operations::Feed feed;
  EXPECT_TRUE(feed.since(0).empty());
  feed.add("a");
  feed.add("b");
  EXPECT_EQ(feed.since(1), std::vector<std::string>{"b"});
  EXPECT_TRUE(feed.since(2).empty());
  for (std::size_t i = 0; i < operations::Feed::kMaxLines; ++i) feed.add("c");
  EXPECT_EQ(feed.since(0).size(), operations::Feed::kMaxLines);
  EXPECT_EQ(feed.since(feed.count() - 1), std::vector<std::string>{"c"});
}

}  // namespace
}  // namespace peer::shell
