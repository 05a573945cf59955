// SPDX-License-Identifier: MIT
#include "net/select_loop.h"

#include <sys/select.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "net/check.h"

namespace net {
namespace {

// All that a handler may touch. One flag a signal: two of a kind before take_signal() are one.
volatile sig_atomic_t arrived[NSIG];

void record_signal(int signal) { arrived[signal] = 1; }

timespec until(TimePoint deadline) {
  auto left = std::max(Duration::zero(), deadline - Clock::now());
  auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {static_cast<time_t>(whole.count()),
          static_cast<long>(std::chrono::duration_cast<std::chrono::nanoseconds>(left - whole).count())};
}

sigset_t only(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

}  // namespace

struct SelectLoop::Sets {
  fd_set read, write;
};

bool fits_select(int fd) { return fd >= 0 && fd < FD_SETSIZE; }

SelectLoop::~SelectLoop() {
  for (const Caught& caught : caught_) {
    ::sigaction(caught.signal, &caught.previous, nullptr);
    sigset_t set = only(caught.signal);
    if (!caught.was_blocked) ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    arrived[caught.signal] = 0;
  }
}

void SelectLoop::add(Pollable& pollable) {
  CHECK(fits_select(pollable.fd()));
  CHECK(std::none_of(watched_.begin(), watched_.end(), [&](const Watched& w) { return w.pollable == &pollable; }));
  watched_.push_back({&pollable});
}

void SelectLoop::remove(Pollable& pollable) {
  auto found =
      std::find_if(watched_.begin(), watched_.end(), [&](const Watched& w) { return w.pollable == &pollable; });
  CHECK(found != watched_.end());
  if (dispatching_) {
    found->pollable = nullptr;
  } else {
    watched_.erase(found);
  }
}

void SelectLoop::catch_signal(int signal) {
  for (const Caught& caught : caught_) {
    if (caught.signal == signal) return;
  }
  struct sigaction action {};
  action.sa_handler = record_signal;
  sigfillset(&action.sa_mask);
  Caught caught{signal, {}, false};
  sigset_t set = only(signal), before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  caught.was_blocked = sigismember(&before, signal) == 1;
  if (::sigaction(signal, &action, &caught.previous) != 0) {
    int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw std::system_error(error, std::generic_category(), "catch signal " + std::to_string(signal));
  }
  arrived[signal] = 0;
  caught_.push_back(caught);
}

std::optional<int> SelectLoop::take_signal() {
  for (const Caught& caught : caught_) {
    if (arrived[caught.signal] == 0) continue;
    // The signal is blocked here, so nothing is lost between the look and the reset.
    arrived[caught.signal] = 0;
    return caught.signal;
  }
  return std::nullopt;
}

sigset_t SelectLoop::sleeping_mask() const {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (const Caught& caught : caught_) sigdelset(&mask, caught.signal);
  return mask;
}

int SelectLoop::collect(Sets& sets) {
  FD_ZERO(&sets.read);
  FD_ZERO(&sets.write);
  int highest = -1;
  for (Watched& watched : watched_) {
    watched.fd = watched.pollable->fd();
    CHECK(fits_select(watched.fd));
    if (watched.pollable->wants_read()) FD_SET(watched.fd, &sets.read);
    if (watched.pollable->wants_write()) FD_SET(watched.fd, &sets.write);
    highest = std::max(highest, watched.fd);
  }
  return highest;
}

void SelectLoop::dispatch(const Sets& sets, TimePoint now) {
  struct Dispatching {
    SelectLoop& loop;
    explicit Dispatching(SelectLoop& l) : loop(l) { loop.dispatching_ = true; }
    ~Dispatching() {
      loop.dispatching_ = false;
      std::erase_if(loop.watched_, [](const Watched& w) { return w.pollable == nullptr; });
    }
  } guard(*this);
  // By index and up to the old size: a dispatch may add, and what it adds may have the number of a descriptor that was
  // closed in this pass, about which the sets say nothing.
  for (std::size_t i = 0, count = watched_.size(); i < count; ++i) {
    auto current = [&] { return watched_[i].pollable != nullptr && watched_[i].pollable->fd() == watched_[i].fd; };
    if (current() && FD_ISSET(watched_[i].fd, &sets.read)) watched_[i].pollable->on_readable(now);
    if (current() && FD_ISSET(watched_[i].fd, &sets.write)) watched_[i].pollable->on_writable(now);
  }
}

TimePoint SelectLoop::wait(std::optional<TimePoint> deadline) {
  CHECK(!dispatching_);
  Sets sets;
  int highest = collect(sets);
  sigset_t mask = sleeping_mask();
  timespec timeout{};
  if (deadline) timeout = until(*deadline);
  int ready = ::pselect(highest + 1, &sets.read, &sets.write, nullptr, deadline ? &timeout : nullptr, &mask);
  int error = errno;
  TimePoint now = Clock::now();
  if (ready > 0) dispatch(sets, now);
  // Anything but an interruption means that a descriptor was closed while it was registered.
  CHECK(ready >= 0 || error == EINTR);
  return now;
}

}  // namespace net
