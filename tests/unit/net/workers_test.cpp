// SPDX-License-Identifier: MIT
#include "net/workers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <numeric>
#include <string>
#include <system_error>

#include "tests/unit/net/scratch.h"

namespace net {
namespace {

/// Runs the loop until every completion has run.
void finish(SelectLoop& loop, Workers& workers) {
  while (workers.pending() > 0) loop.wait(std::nullopt);
}

TEST(Workers, WorkRunsElsewhereAndItsCompletionHere) {
  SelectLoop loop;
  Workers workers(2);
  loop.add(workers);
  std::thread::id worked, completed;
  std::string result;
  workers.submit(
      [&] {
        worked = std::this_thread::get_id();
        return std::string("abc");
      },
      [&](std::string value) {
        completed = std::this_thread::get_id();
        result = std::move(value);
      });
  EXPECT_EQ(workers.pending(), 1u);
  finish(loop, workers);
  EXPECT_EQ(result, "abc");
  EXPECT_NE(worked, std::this_thread::get_id());
  EXPECT_EQ(completed, std::this_thread::get_id());
}

TEST(Workers, TakeWorkWithoutAResultAndResultsThatOnlyMove) {
  SelectLoop loop;
  Workers workers(1);
  loop.add(workers);
  bool worked = false, done = false;
  std::unique_ptr<int> moved;
  workers.submit([&] { worked = true; }, [&] { done = true; });
  workers.submit([owned = std::make_unique<int>(7)]() mutable { return std::move(owned); },
                 [&](std::unique_ptr<int> value) { moved = std::move(value); });
  finish(loop, workers);
  EXPECT_TRUE(worked && done);
  ASSERT_TRUE(moved);
  EXPECT_EQ(*moved, 7);
}

TEST(Workers, OneThreadKeepsTheOrder) {
  SelectLoop loop;
  Workers workers(1);
  loop.add(workers);
  std::vector<int> done, expected(5000);
  std::iota(expected.begin(), expected.end(), 0);
  for (int i : expected) workers.submit([i] { return i; }, [&](int value) { done.push_back(value); });
  finish(loop, workers);
  EXPECT_EQ(done, expected);
}

TEST(Workers, ManyThreadsLoseNothing) {
  SelectLoop loop;
  Workers workers(4);
  loop.add(workers);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 1; i <= 20'000; ++i) workers.submit([i] { return i; }, [&](std::uint64_t n) { sum += n; });
  finish(loop, workers);
  EXPECT_EQ(sum, 20'000u * 20'001 / 2);
}

TEST(Workers, ACompletionMaySubmitMore) {
  SelectLoop loop;
  Workers workers(1);
  loop.add(workers);
  int left = 100;
  std::function<void()> next = [&] {
    EXPECT_EQ(workers.pending(), 0u);
    if (--left > 0) workers.submit([] {}, next);
  };
  workers.submit([] {}, next);
  finish(loop, workers);
  EXPECT_EQ(left, 0);
}

TEST(Workers, EndingDropsWhatHasNotBegun) {
  std::atomic<int> worked = 0;
  int done = 0;
  std::promise<void> gate;
  {
    Workers workers(1);
    std::atomic<bool> begun = false;
    workers.submit(
        [&] {
          begun = true;
          gate.get_future().wait();
          ++worked;
        },
        [&] { ++done; });
    while (!begun) std::this_thread::yield();
    for (int i = 0; i < 10; ++i) {
      workers.submit([&] { ++worked; }, [&] { ++done; });
    }
    gate.set_value();
  }
  EXPECT_GE(worked, 1);
  EXPECT_EQ(done, 0);
}

TEST(Workers, ThreadsHaveEverySignalBlocked) {
  SelectLoop loop;
  Workers workers(1);
  loop.add(workers);
  sigset_t mask;
  workers.submit([&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &mask); }, [] {});
  finish(loop, workers);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1}) EXPECT_EQ(sigismember(&mask, signal), 1) << signal;
  sigset_t ours;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &ours);
  EXPECT_EQ(sigismember(&ours, SIGUSR1), 0);
}

TEST(Workers, NeedADescriptorThatSelectCanWatch) {  // T14
  DescriptorLimit limit(FD_SETSIZE + 16);
  ASSERT_TRUE(limit.granted());
  DescriptorsTaken taken(FD_SETSIZE);
  EXPECT_THROW(Workers(1), std::system_error);
}

}  // namespace
}  // namespace net
