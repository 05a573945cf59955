// SPDX-License-Identifier: MIT
#include "net/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace net {
namespace {

template <class Act>
std::string stderr_of(Act act) {
  testing::internal::CaptureStderr();
  act();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, ALineNamesTheProgram) {
  EXPECT_EQ(stderr_of([] { Log("p2ppeer").error("cannot bind 0.0.0.0:12345: in use"); }),
            "p2ppeer: cannot bind 0.0.0.0:12345: in use\n");
}

TEST(Log, DropsWhatIsAboveItsLevel) {
  auto all = [](LogLevel level) {
    return stderr_of([&] {
      Log log("p", level);
      log.error("e");
      log.warning("w");
      log.info("i");
      log.debug("d");
    });
  };
  EXPECT_EQ(all(LogLevel::kError), "p: e\n");
  EXPECT_EQ(all(LogLevel::kWarning), "p: e\np: w\n");
  EXPECT_EQ(all(LogLevel::kInfo), "p: e\np: w\np: i\n");
  EXPECT_EQ(all(LogLevel::kDebug), "p: e\np: w\np: i\np: d\n");
  EXPECT_FALSE(Log("p").enabled(LogLevel::kInfo));
  EXPECT_TRUE(Log("p").enabled(LogLevel::kWarning));
}

TEST(Log, MessagesAreEscaped) {  // T45
  EXPECT_EQ(stderr_of([] { Log("p").error("name \x1b[2J\nfake: line \u202e {} %n"); }),
            "p: name \\x1b[2J\\x0afake: line \\u{202e} {} %n\n");
}

TEST(Log, TheJournalGetsLevelsAndNoName) {
  EXPECT_EQ(stderr_of([] {
              struct stat status {};
              ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
              const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
              setenv("JOURNAL_STREAM", stream.c_str(), 1);
              Log log("p", LogLevel::kDebug);
              log.error("e\n<0>forged");
              log.warning("w");
              log.info("i");
              log.debug("d");
              unsetenv("JOURNAL_STREAM");
              // Another's stream, inherited from a service that put our output elsewhere.
              setenv("JOURNAL_STREAM", "1:2", 1);
              Log("p").error("e");
              unsetenv("JOURNAL_STREAM");
            }),
            "<3>e\\x0a<0>forged\n<4>w\n<6>i\n<7>d\np: e\n");
}

TEST(Log, CopiesWriteToTheSamePlace) {
  EXPECT_EQ(stderr_of([] {
              Log log("p");
              Log copy = log;
              log.error("1");
              copy.error("2");
            }),
            "p: 1\np: 2\n");
}

}  // namespace
}  // namespace net
