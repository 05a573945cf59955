// SPDX-License-Identifier: MIT
#include "net/select_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <system_error>
#include <vector>

#include "net/fd.h"
#include "tests/unit/net/scratch.h"

namespace net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
  void fill() { EXPECT_EQ(::write(write.get(), "x", 1), 1); }
  Fd read, write;
};

/// Does what the test tells it, and counts.
class Watcher : public Pollable {
 public:
  explicit Watcher(int fd, bool reading = true, bool writing = false) : reads(reading), writes(writing), fd_(fd) {}
  int fd() const override { return fd_; }
  bool wants_read() const override { return reads; }
  bool wants_write() const override { return writes; }
  void on_readable(TimePoint now) override {
    ++read_count;
    last = now;
    if (on_read) on_read();
  }
  void on_writable(TimePoint now) override {
    ++write_count;
    last = now;
    if (on_write) on_write();
  }

  bool reads, writes;
  int read_count = 0, write_count = 0;
  TimePoint last{};
  std::function<void()> on_read, on_write;

 private:
  int fd_;
};

/// A wait that returns at once when nothing is ready.
TimePoint poll(SelectLoop& loop) { return loop.wait(TimePoint{}); }

TEST(SelectLoop, DispatchesWhatIsReady) {
  SelectLoop loop;
  Pipe full, empty;
  Watcher ready(full.read.get()), idle(empty.read.get()), writer(empty.write.get(), false, true);
  for (Watcher* watcher : {&ready, &idle, &writer}) loop.add(*watcher);
  full.fill();
  TimePoint now = loop.wait(std::nullopt);
  EXPECT_EQ(ready.read_count, 1);
  EXPECT_EQ(ready.last, now);
  EXPECT_EQ(writer.write_count, 1);
  EXPECT_EQ(writer.last, now);
  EXPECT_EQ(idle.read_count + idle.write_count, 0);
}

TEST(SelectLoop, AsksAnewForInterestInEachPass) {
  SelectLoop loop;
  Pipe pipe;
  Watcher reader(pipe.read.get(), false), writer(pipe.write.get(), false, false);
  loop.add(reader);
  loop.add(writer);
  pipe.fill();
  poll(loop);
  EXPECT_EQ(reader.read_count + writer.write_count, 0);
  reader.reads = writer.writes = true;
  poll(loop);
  EXPECT_EQ(reader.read_count, 1);
  EXPECT_EQ(writer.write_count, 1);
  writer.writes = false;
  poll(loop);
  EXPECT_EQ(reader.read_count, 2);
  EXPECT_EQ(writer.write_count, 1);
}

TEST(SelectLoop, SleepsUntilTheDeadlineAndNoLess) {
  SelectLoop loop;
  TimePoint deadline = Clock::now() + milliseconds(5);
  EXPECT_GE(loop.wait(deadline), deadline);
  TimePoint before = Clock::now();
  EXPECT_GE(loop.wait(before - hours(1)), before);
}

TEST(SelectLoop, OneThatRemovesItselfMayBeDestroyed) {
  SelectLoop loop;
  Pipe pipe;
  pipe.fill();
  auto watcher = std::make_unique<Watcher>(pipe.read.get(), true, true);
  int calls = 0;
  watcher->on_read = [&] {
    ++calls;
    loop.remove(*watcher);
    watcher.reset();
  };
  loop.add(*watcher);
  poll(loop);
  poll(loop);
  EXPECT_EQ(calls, 1);
}

TEST(SelectLoop, OneThatRemovesAllOthersLeavesNoneToDispatch) {
  SelectLoop loop;
  std::vector<Pipe> pipes(5);
  std::vector<std::unique_ptr<Watcher>> watchers;
  int calls = 0;
  for (Pipe& pipe : pipes) {
    pipe.fill();
    watchers.push_back(std::make_unique<Watcher>(pipe.read.get()));
    loop.add(*watchers.back());
    watchers.back()->on_read = [&] {
      ++calls;
      for (auto& watcher : watchers) loop.remove(*watcher);
      // The running closure lives in one of them, so they are only emptied out of the loop here.
    };
  }
  poll(loop);
  EXPECT_EQ(calls, 1);
  poll(loop);
  EXPECT_EQ(calls, 1);
}

TEST(SelectLoop, ADescriptorNumberUsedAgainIsNotTakenForTheOldOne) {
  SelectLoop loop;
  Pipe first, second, fresh;
  first.fill();
  second.fill();
  int number = second.read.get();
  auto closing = std::make_unique<Watcher>(first.read.get());
  auto closed = std::make_unique<Watcher>(number);
  std::unique_ptr<Watcher> reborn;
  closing->on_read = [&] {
    loop.remove(*closed);
    closed.reset();
    // The same number now stands for a pipe with nothing in it.
    second.read.reset();
    ASSERT_EQ(::dup3(fresh.read.get(), number, O_CLOEXEC), number);
    reborn = std::make_unique<Watcher>(number);
    loop.add(*reborn);
    closing->reads = false;
  };
  loop.add(*closing);
  loop.add(*closed);
  poll(loop);
  ASSERT_TRUE(reborn);
  EXPECT_EQ(reborn->read_count, 0);
  fresh.fill();
  poll(loop);
  EXPECT_EQ(reborn->read_count, 1);
  loop.remove(*reborn);
  Fd close_it(number);
}

TEST(SelectLoop, OneAddedInADispatchIsServedInTheNextPass) {
  SelectLoop loop;
  Pipe first, second;
  first.fill();
  second.fill();
  Watcher old(first.read.get()), added(second.read.get());
  old.on_read = [&] {
    if (old.read_count == 1) loop.add(added);
  };
  loop.add(old);
  poll(loop);
  EXPECT_EQ(added.read_count, 0);
  poll(loop);
  EXPECT_EQ(added.read_count, 1);
}

TEST(SelectLoop, GoesOnAfterADispatchThrew) {
  SelectLoop loop;
  Pipe pipe;
  pipe.fill();
  Watcher watcher(pipe.read.get());
  watcher.on_read = [&] {
    loop.remove(watcher);
    throw std::runtime_error("from a dispatch");
  };
  loop.add(watcher);
  EXPECT_THROW(poll(loop), std::runtime_error);
  poll(loop);
  EXPECT_EQ(watcher.read_count, 1);
}

TEST(SelectLoop, ReportsASignalThatCameBeforeTheSleep) {
  SelectLoop loop;
  loop.catch_signal(SIGUSR1);
  loop.catch_signal(SIGUSR1);
  loop.catch_signal(SIGUSR2);
  EXPECT_FALSE(loop.take_signal());
  ::kill(::getpid(), SIGUSR1);
  EXPECT_FALSE(loop.take_signal()) << "delivered outside wait()";
  loop.wait(std::nullopt);
  EXPECT_EQ(loop.take_signal(), SIGUSR1);
  EXPECT_FALSE(loop.take_signal());
}

TEST(SelectLoop, SeveralSignalsAreAllReported) {
  SelectLoop loop;
  loop.catch_signal(SIGUSR1);
  loop.catch_signal(SIGUSR2);
  ::kill(::getpid(), SIGUSR2);
  ::kill(::getpid(), SIGUSR1);
  loop.wait(std::nullopt);
  loop.wait(TimePoint{});
  EXPECT_EQ(loop.take_signal(), SIGUSR1);
  EXPECT_EQ(loop.take_signal(), SIGUSR2);
  EXPECT_FALSE(loop.take_signal());
}

TEST(SelectLoop, GivesSignalsBackAsTheyWere) {
  {
    SelectLoop loop;
    loop.catch_signal(SIGUSR1);
  }
  struct sigaction now {};
  ASSERT_EQ(::sigaction(SIGUSR1, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGUSR1), 0);
}

TEST(SelectLoop, ASignalThatCannotBeCaughtIsNamed) {
  SelectLoop loop;
  EXPECT_THROW(loop.catch_signal(SIGKILL), std::system_error);
  EXPECT_THROW(loop.catch_signal(-1), std::system_error);
  EXPECT_THROW(loop.catch_signal(100'000), std::system_error);
}

TEST(SelectLoop, WatchesOnlyWhatFitsTheSets) {  // T14
  EXPECT_FALSE(fits_select(-1));
  EXPECT_TRUE(fits_select(0));
  EXPECT_TRUE(fits_select(FD_SETSIZE - 1));
  EXPECT_FALSE(fits_select(FD_SETSIZE));
  EXPECT_FALSE(fits_select(20'000));
}

TEST(SelectLoop, TheHighestDescriptorThatFitsIsWatched) {  // T14
  DescriptorLimit limit(FD_SETSIZE + 16);
  ASSERT_TRUE(limit.granted());
  Pipe pipe;
  pipe.fill();
  Fd last = duplicate_at_least(pipe.read.get(), FD_SETSIZE - 1);
  ASSERT_EQ(last.get(), FD_SETSIZE - 1);
  SelectLoop loop;
  Watcher watcher(last.get());
  loop.add(watcher);
  poll(loop);
  EXPECT_EQ(watcher.read_count, 1);
}

TEST(SelectLoop, ADescriptorThatDoesNotFitIsNeverPutIntoASet) {  // T14
  DescriptorLimit limit(FD_SETSIZE + 16);
  ASSERT_TRUE(limit.granted());
  Pipe pipe;
  Fd high = duplicate_at_least(pipe.read.get(), FD_SETSIZE);
  ASSERT_GE(high.get(), FD_SETSIZE);
  SelectLoop loop;
  Watcher watcher(high.get());
  EXPECT_DEATH(loop.add(watcher), "check failed: fits_select");
}

TEST(SelectLoop, MisuseIsOurBug) {
  SelectLoop loop;
  Pipe pipe;
  Watcher watcher(pipe.read.get());
  EXPECT_DEATH(loop.remove(watcher), "check failed");
  loop.add(watcher);
  EXPECT_DEATH(loop.add(watcher), "check failed");
  pipe.read.reset();
  EXPECT_DEATH(poll(loop), "check failed");
}

}  // namespace
}  // namespace net
