// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <optional>
#include <vector>

#include "net/time.h"

namespace net {

/// Something with a descriptor that wants to know when it can be read or written. The loop does not own it.
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual int fd() const = 0;
  virtual bool wants_read() const = 0;
  /// True only while something waits to be sent; otherwise the loop would spin.
  virtual bool wants_write() const = 0;
  virtual void on_readable(TimePoint now) = 0;
  virtual void on_writable(TimePoint now) = 0;
};

/// True when select() can watch `fd`. A descriptor that cannot be watched is closed where it was made (FD_SET past
/// FD_SETSIZE writes outside the set).
bool fits_select(int fd);

/// A pselect() loop. One thread owns it and everything registered with it. Signals that were asked for are blocked
/// except while the loop sleeps, so a handler never interrupts a dispatch and no signal is missed before the sleep.
/// Other threads must have them blocked too (those of Workers have).
class SelectLoop {
 public:
  SelectLoop() = default;
  /// Gives the caught signals back the actions they had, and unblocks them.
  ~SelectLoop();
  SelectLoop(const SelectLoop&) = delete;
  SelectLoop& operator=(const SelectLoop&) = delete;

  /// REQUIRES: fits_select(pollable.fd()); not added yet.
  void add(Pollable& pollable);
  /// May be called from inside a dispatch, also for the object being dispatched, which may then be destroyed.
  void remove(Pollable& pollable);

  /// Throws std::system_error for a signal that cannot be caught. From now on `signal` is delivered only inside wait(),
  /// and is reported by take_signal().
  void catch_signal(int signal);
  /// A caught signal that was not taken yet; nothing when there is none.
  std::optional<int> take_signal();

  /// Sleeps until something is ready, the deadline passes or a caught signal arrives; then dispatches what is ready.
  /// Returns the one reading of the clock that this pass used.
  TimePoint wait(std::optional<TimePoint> deadline);

 private:
  struct Watched {
    Pollable* pollable;  ///< Null where it was removed during a dispatch.
    int fd = -1;         ///< What this pass watches.
  };
  struct Caught {
    int signal;
    struct sigaction previous;
    bool was_blocked;
  };
  struct Sets;

  int collect(Sets& sets);
  void dispatch(const Sets& sets, TimePoint now);
  sigset_t sleeping_mask() const;

  std::vector<Watched> watched_;
  std::vector<Caught> caught_;
  bool dispatching_ = false;
};

}  // namespace net
