// SPDX-License-Identifier: MIT
#include "peer/peers_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer {
namespace {

net::Endpoint at(const std::string& text) { return *net::Endpoint::parse(text); }

struct PeersFileTest : ::testing::Test {
  files::TempFolder temp;
  net::Log log{"test", net::LogLevel::kError};
};

TEST_F(PeersFileTest, APeerListThatIsNotThereIsEmptyUnlessItWasNamed) {
  Home home(temp.path("home"));
  EXPECT_TRUE(PeersFile(home, "", log).endpoints().empty());
  EXPECT_THROW(PeersFile(home, temp.path("missing"), log), std::system_error);
  EXPECT_THROW(PeersFile(home, temp.path("no/folder/at/all"), log), std::system_error);
}

TEST_F(PeersFileTest, ReadsThePeerListWithoutOurselves) {
  temp.write("home/peers.txt", "10.0.0.1\n10.0.0.2:7000\n10.0.0.3\t\t\t\tself\nrubbish!\n");
  Home home(temp.path("home"));
  EXPECT_EQ(PeersFile(home, "", log).endpoints(),
            (std::vector<net::Endpoint>{at("10.0.0.1:12345"), at("10.0.0.2:7000")}));
  temp.write("elsewhere.txt", "10.0.0.9\n");
  EXPECT_EQ(PeersFile(home, temp.path("elsewhere.txt"), log).endpoints(),
            (std::vector<net::Endpoint>{at("10.0.0.9:12345")}));
}

TEST_F(PeersFileTest, ReadsThePeerListAgain) {
  temp.write("home/peers.txt", "10.0.0.1\n");
  Home home(temp.path("home"));
  PeersFile file(home, "", log);
  temp.write("home/peers.txt", "10.0.0.2\n");
  file.reload();
  EXPECT_EQ(file.endpoints(), std::vector{at("10.0.0.2:12345")});
}

TEST_F(PeersFileTest, T45_LinesThatCannotBeReadAreToldEscapedOnce) {
  temp.write("home/peers.txt", "a\\b\x1b\n");
  Home home(temp.path("home"));
  net::Log warnings("test");
  testing::internal::CaptureStderr();
  PeersFile(home, "", warnings);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "test: peers.txt:1: not an address: \"a\\\\b\\x1b\"\n");
}

TEST_F(PeersFileTest, WhatIsLearnedIsAddedAndTheRestStays) {
  temp.write("home/peers.txt", "# mine\n10.0.0.1\n");
  Home home(temp.path("home"));
  PeersFile file(home, "", log);
  // Another program has written meanwhile.
  temp.write("home/peers.txt", "# mine\n10.0.0.1\n10.0.0.5\n");
  file.add({at("10.0.0.1:12345"), at("10.0.0.7:12345")});
  std::string text = temp.read("home/peers.txt");
  for (const char* part : {"# mine\n", "10.0.0.1", "10.0.0.5", "10.0.0.7"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
  EXPECT_EQ(PeersFile(home, "", log).endpoints().size(), 3u);
}

TEST_F(PeersFileTest, T35_NeitherOneHostNorManyFillThePeerList) {
  temp.write("home/peers.txt", "10.0.0.9:1\n");
  Home home(temp.path("home"));
  PeersFile file(home, "", log);
  std::vector<net::Endpoint> told;
  for (int port = 2000; port < 2100; ++port) told.push_back(at("10.0.0.9:" + std::to_string(port)));
  file.add(told);
  EXPECT_EQ(PeersFile(home, "", log).endpoints().size(), 8u);
  for (int i = 0; i < 5000; ++i) {
    told.push_back(at("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ":12345"));
  }
  file.add(told);
  EXPECT_EQ(PeersFile(home, "", log).endpoints().size(), 4096u);
}

TEST_F(PeersFileTest, APeerListThatIsNoFileIsNamed) {
  ASSERT_EQ(::mkfifo(temp.path("list").c_str(), 0600), 0);
  Home home(temp.path("home"));
  try {
    PeersFile(home, temp.path("list"), log);
    ADD_FAILURE() << "a pipe was read";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("list is not a regular file"), std::string::npos) << error.what();
  }
}

TEST_F(PeersFileTest, NothingIsWrittenWhereNothingIsNew) {
  Home home(temp.path("home"));
  PeersFile file(home, "", log);
  file.add({});
  EXPECT_FALSE(temp.exists("home/peers.txt"));
  file.add({at("10.0.0.7:12345")});
  ASSERT_TRUE(temp.exists("home/peers.txt"));
  auto before = home.root().status("peers.txt");
  file.add({at("10.0.0.7:12345")});
  EXPECT_EQ(home.root().status("peers.txt")->inode, before->inode);
}

TEST_F(PeersFileTest, APeerListThatCannotBeWrittenIsNoReasonToStop) {
  temp.write("home/peers.txt", "10.0.0.1\n");
  Home home(temp.path("home"));
  PeersFile file(home, "", log);
  std::filesystem::remove(temp.path("home/peers.txt"));
  ASSERT_TRUE(home.root().make_folders("peers.txt"));
  file.add({at("10.0.0.7:12345")});
  file.add({at("10.0.0.8:12345")});
  EXPECT_TRUE(std::filesystem::is_directory(temp.path("home/peers.txt")));
}

// Whoever only asks makes no list, and keeps up one that is there.
TEST_F(PeersFileTest, IsMadeOnlyByThoseWhoMayMakeIt) {
  const Home none(temp.path("none"), Home::Use::kAsk);
  PeersFile absent(none, "", log, false);
  EXPECT_TRUE(absent.endpoints().empty());
  absent.add({at("10.0.0.7:12345")});
  absent.reload();
  EXPECT_FALSE(temp.exists("none"));

  temp.write("some/.p2p/key", "");
  const Home some(temp.path("some"), Home::Use::kAsk);
  PeersFile list(some, "", log, false);
  list.add({at("10.0.0.7:12345")});
  EXPECT_FALSE(temp.exists("some/peers.txt"));
  temp.write("some/peers.txt", "10.0.0.1\n");
  list.add({at("10.0.0.7:12345")});
  EXPECT_NE(temp.read("some/peers.txt").find("10.0.0.7"), std::string::npos);
}

}  // namespace
}  // namespace peer
