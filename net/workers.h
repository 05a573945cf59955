// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "net/fd.h"
#include "net/select_loop.h"

namespace net {

/// Threads for hashing and disk, so that the loop never waits for either. A task's work runs on some worker; its
/// completion runs on the loop's thread, from on_readable. Register the object with the SelectLoop.
class Workers : public Pollable {
 public:
  /// REQUIRES: threads >= 1. The threads have every signal blocked. Throws std::system_error where there is no
  /// descriptor or thread to be had.
  explicit Workers(unsigned threads);
  /// Waits for the tasks that have begun; those that have not are dropped, their completions never run.
  ~Workers() override;

  /// `work()` runs on a worker, then `done(result)` on the loop's thread (`done()` when work gives void). Neither may
  /// throw. Tasks start in order of submission. The caller bounds how much it has submitted: see pending().
  template <class Work, class Done>
  void submit(Work work, Done done) {
    enqueue(std::make_unique<TaskOf<Work, Done>>(std::move(work), std::move(done)));
  }
  /// Tasks submitted whose completion has not run yet.
  std::size_t pending() const { return pending_; }

  int fd() const override { return wake_read_.get(); }
  bool wants_read() const override { return true; }
  bool wants_write() const override { return false; }
  void on_readable(TimePoint now) override;
  void on_writable(TimePoint) override {}

 private:
  struct Task {
    virtual ~Task() = default;
    virtual void work() = 0;
    virtual void done() = 0;
  };
  template <class Work, class Done>
  struct TaskOf final : Task {
    using R = std::invoke_result_t<Work&>;
    struct Nothing {};
    TaskOf(Work w, Done d) : run(std::move(w)), finish(std::move(d)) {}
    void work() override {
      if constexpr (std::is_void_v<R>) {
        run();
      } else {
        result = std::make_unique<R>(run());
      }
    }
    void done() override {
      if constexpr (std::is_void_v<R>) {
        finish();
      } else {
        finish(std::move(*result));
      }
    }
    Work run;
    Done finish;
    std::unique_ptr<std::conditional_t<std::is_void_v<R>, Nothing, R>> result;
  };

  void enqueue(std::unique_ptr<Task> task);
  void run_worker();
  void stop();

  Fd wake_read_, wake_write_;
  std::size_t pending_ = 0;
  std::mutex mutex_;
  std::condition_variable work_ready_;
  std::deque<std::unique_ptr<Task>> queued_;
  std::deque<std::unique_ptr<Task>> finished_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace net
