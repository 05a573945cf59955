// SPDX-License-Identifier: MIT
#include "peer/home.h"

#include <gtest/gtest.h>

#include <system_error>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer {
namespace {

struct HomeTest : ::testing::Test {
  files::TempFolder temp;
};

TEST_F(HomeTest, MakesWhatIsMissing) {
  Home home(temp.path("new/home"));
  for (const char* folder : {"shared", "downloads", ".p2p", ".p2p/partial"}) {
    EXPECT_TRUE(temp.exists(std::string("new/home/") + folder)) << folder;
  }
  EXPECT_NO_THROW(Home(temp.path("new/home")));
}

TEST_F(HomeTest, MakesOnlyWhatItIsOpenedFor) {
  const Home fetching(temp.path("one"), Home::Use::kFetch);
  EXPECT_TRUE(temp.exists("one/downloads") && temp.exists("one/.p2p/partial") && !temp.exists("one/shared"));
  EXPECT_FALSE(fetching.has_shared());
  const Home elsewhere(temp.path("two"), Home::Use::kFetchElsewhere);
  EXPECT_TRUE(temp.exists("two/.p2p/partial") && !temp.exists("two/downloads") && !temp.exists("two/shared"));
  EXPECT_FALSE(elsewhere.has_downloads());
}

TEST_F(HomeTest, WhoeverOnlyAsksMakesNothingAndUsesWhatIsThere) {
  const Home none(temp.path("none"), Home::Use::kAsk);
  EXPECT_FALSE(temp.exists("none"));
  EXPECT_FALSE(none.has_root() || none.has_state() || none.has_partial());

  temp.write("some/.p2p/key", "");
  const Home some(temp.path("some"), Home::Use::kAsk);
  EXPECT_TRUE(some.has_root() && some.has_state());
  EXPECT_FALSE(temp.exists("some/shared") || temp.exists("some/downloads") || temp.exists("some/.p2p/partial"));
}

TEST_F(HomeTest, AFileInTheWayIsNamed) {
  temp.write("home/shared", "a file");
  try {
    Home home(temp.path("home"));
    ADD_FAILURE();
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("shared"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace peer
