// SPDX-License-Identifier: MIT
#include "peer/transfer_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer {
namespace {

struct TransferLogTest : ::testing::Test {
  files::TempFolder temp;
  net::Log log{"test", net::LogLevel::kWarning};
  net::Folder folder = net::Folder::open(temp.path("home"), true);
};

TEST_F(TransferLogTest, LinesAreAddedAtTheEnd) {
  TransferLog(folder, "client.log", log).append({"one", "two"});
  TransferLog other(folder, "client.log", log);
  other.append({});
  other.append({"three"});
  EXPECT_EQ(temp.read("home/client.log"), "one\ntwo\nthree\n");
  EXPECT_EQ(folder.status("client.log")->mode, 0600u);
}

TEST_F(TransferLogTest, NothingIsMadeBeforeThereIsSomethingToWrite) {
  TransferLog(folder, "client.log", log).append({});
  EXPECT_FALSE(temp.exists("home/client.log"));
}

TEST_F(TransferLogTest, IsBoundedAndKeepsTheOneBefore) {
  TransferLog small(folder, "server.log", log, 100);
  for (int i = 10; i < 60; ++i) small.append({"line number " + std::to_string(i)});
  EXPECT_LE(temp.read("home/server.log").size(), 100u);
  EXPECT_LE(temp.read("home/server.log.1").size(), 100u);
  const std::string all = temp.read("home/server.log.1") + temp.read("home/server.log");
  EXPECT_TRUE(all.ends_with("line number 58\nline number 59\n")) << all;
  EXPECT_GE(all.size(), 100u);
  small.append({std::string(500, 'x')});
  EXPECT_EQ(temp.read("home/server.log"), std::string(500, 'x') + '\n') << "a line is never cut";
}

TEST_F(TransferLogTest, SeveralMayWriteAtATimeAndNothingIsLost) {
  auto write = [&](char letter) {
    TransferLog mine(folder, "client.log", log, 2000);
    for (int i = 0; i < 30; ++i) mine.append({std::string(50, letter)});
  };
  std::thread other(write, 'a');
  write('b');
  other.join();
  // 60 lines of 51 bytes: one turn of the file at 2000, or two where that was uneven.
  const std::string all = temp.read("home/client.log.1") + temp.read("home/client.log");
  EXPECT_EQ(all.size(), 60u * 51);
  for (std::size_t at = 0; at < all.size(); at += 51) {
    EXPECT_EQ(all.substr(at, 51), std::string(50, all[at]) + '\n');
  }
}

TEST_F(TransferLogTest, ALogThatCannotBeWrittenIsToldOfOnce) {
  ASSERT_TRUE(folder.make_folders("client.log"));
  TransferLog blocked(folder, "client.log", log);
  testing::internal::CaptureStderr();
  blocked.append({"one"});
  blocked.append({"two"});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "test: transfers are not recorded any more: write client.log: Is a directory\n");
}

TEST_F(TransferLogTest, NoLinkIsFollowedAndNoPipeWaitedFor) {
  temp.write("elsewhere", "mine");
  ASSERT_EQ(::symlink(temp.path("elsewhere").c_str(), temp.path("home/client.log").c_str()), 0);
  ASSERT_EQ(::mkfifo(temp.path("home/server.log").c_str(), 0600), 0);
  testing::internal::CaptureStderr();
  TransferLog(folder, "client.log", log).append({"one"});
  TransferLog(folder, "server.log", log).append({"one"});
  EXPECT_FALSE(testing::internal::GetCapturedStderr().empty());
  EXPECT_EQ(temp.read("elsewhere"), "mine");
}

TEST_F(TransferLogTest, ReadsWhatThereIsTheOlderFirst) {
  EXPECT_TRUE(read_transfer_logs(folder).empty());
  temp.write("home/client.log", "b\n");
  temp.write("home/client.log.1", "a\n");
  temp.write("home/server.log", "c\n");
  EXPECT_EQ(read_transfer_logs(folder), (std::vector<std::string>{"a\n", "b\n", "c\n"}));
  ASSERT_TRUE(folder.make_folders("server.log.1"));
  EXPECT_THROW(read_transfer_logs(folder), std::system_error);
}

}  // namespace
}  // namespace peer
