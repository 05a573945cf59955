// SPDX-License-Identifier: MIT
#include "net/workers.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "net/check.h"

namespace net {
namespace {

/// Blocks every signal for as long as it lives; threads inherit that from the one that makes them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Workers::Workers(unsigned threads) {
  CHECK(threads >= 1);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe for the worker threads");
  }
  wake_read_ = Fd(ends[0]);
  wake_write_ = Fd(ends[1]);
  if (!fits_select(ends[0])) throw std::system_error(EMFILE, std::generic_category(), "pipe for the worker threads");
  SignalsBlocked blocked;
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run_worker(); });
  } catch (...) {
    stop();
    throw;
  }
}

Workers::~Workers() { stop(); }

void Workers::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::enqueue(std::unique_ptr<Task> task) {
  ++pending_;
  {
    std::lock_guard lock(mutex_);
    queued_.push_back(std::move(task));
  }
  work_ready_.notify_one();
}

void Workers::run_worker() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_ready_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
    if (stopping_) return;
    std::unique_ptr<Task> task = std::move(queued_.front());
    queued_.pop_front();
    lock.unlock();
    task->work();
    lock.lock();
    finished_.push_back(std::move(task));
    // One byte for as many completions as come before the loop looks: the pipe never fills.
    if (finished_.size() == 1) {
      ssize_t written = ::write(wake_write_.get(), "", 1);
      CHECK(written == 1);
    }
  }
}

void Workers::on_readable(TimePoint) {
  std::array<char, 64> wakes;
  while (::read(wake_read_.get(), wakes.data(), wakes.size()) > 0) {
  }
  std::deque<std::unique_ptr<Task>> finished;
  {
    std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (std::unique_ptr<Task>& task : finished) {
    --pending_;
    task->done();
    task.reset();
  }
}

}  // namespace net
