// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/check.h"
#include "net/time.h"

namespace peer::operations {

/// A command being carried out: the same in a program that runs its own peer, behind the control socket, and on the
/// client's side of it. It is passive: whoever owns it calls step() after every pass of the loop and at its deadline,
/// takes the lines, and stops when it is done(). It may be destroyed at any time; to stop what it began, cancel()
/// first.
class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  /// Looks at what has changed and goes on. Not called any more once done(). It may be called less often while whoever
  /// reads the lines is behind.
  virtual void step(net::TimePoint now) = 0;
  /// When step() has to be called even if nothing happens.
  virtual std::optional<net::TimePoint> deadline() const { return std::nullopt; }
  /// Ends it in an orderly way, now or in a later step. What was fetched is kept.
  virtual void cancel(net::TimePoint now) = 0;
  /// True for work that goes on to its end when whoever asked for it goes away (a download).
  virtual bool outlives_client() const { return false; }

  /// True for one that tells changes until it is cancelled: that nobody listens any more is no failure of it.
  virtual bool endless() const { return false; }

  bool done() const { return exit_status_.has_value(); }
  /// p2ppeer(1), EXIT STATUS. REQUIRES: done().
  int exit_status() const {
    CHECK(done());
    return *exit_status_;
  }
  /// What there is to tell since the last call: JSON objects, one each, in ASCII, made by peer/operations/events.h.
  /// Also to be taken after done().
  std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }

 protected:
  void emit(std::string json_line) { lines_.push_back(std::move(json_line)); }
  /// REQUIRES: not done() yet.
  void finish(int exit_status) {
    CHECK(!done());
    exit_status_ = exit_status;
  }

 private:
  std::vector<std::string> lines_;
  std::optional<int> exit_status_;
};

}  // namespace peer::operations
