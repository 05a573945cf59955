// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "net/select_loop.h"
#include "peer/cli.h"
#include "peer/operations/operation.h"
#include "peer/view/screen.h"

namespace peer {

/// The user's end: shows an operation's lines on stdout and stderr, as both are (a terminal, its width).
class Console {
 public:
  explicit Console(const Options& options);

  void show(std::string_view json_line);
  void finish();
  /// False once stdout takes no more (its reader has closed a pipe, the disk is full): nothing more needs to be done
  /// for it.
  bool alive() const { return alive_; }
  /// `status`, or that of a failure where something was lost on the way to stdout, which was told on stderr then. That
  /// a pipe's reader has enough is no failure.
  int exit_status(int status) const;

 private:
  void write(const view::Text& text);

  view::Screen screen_;
  bool terminal_;  ///< Whether one is written to, so that its width counts.
  bool alive_ = true;
  bool lost_ = false;
};

/// Steps the operation until it is done and shows what it tells. `view` is a Console or stands for one. `pass` is one
/// pass of the loop it lives on, at most until the given deadline; `take_signal` that loop's. The first signal cancels
/// the operation; after the second, or when stdout is gone, it is left as it is. Returns the exit status.
template <class View, class Pass, class TakeSignal>
int run_to_end(operations::Operation& operation, View& view, Pass pass, TakeSignal take_signal) {
  net::TimePoint now = net::Clock::now();
  bool cancelled = false;
  auto tell = [&] {
    for (const std::string& line : operation.take_lines()) view.show(line);
  };
  // The first step says when the next is due, even if nothing ever happens.
  if (!operation.done()) operation.step(now);
  tell();
  while (!operation.done() && view.alive()) {
    now = pass(operation.deadline());
    if (take_signal()) {
      if (cancelled) break;
      cancelled = true;
      operation.cancel(now);
    }
    if (!operation.done()) operation.step(now);
    tell();
  }
  view.finish();
  constexpr int kInterrupted = 130;
  return view.exit_status(operation.done() ? operation.exit_status() : kInterrupted);
}

/// The same, for SIGINT and SIGTERM of a loop that catches them.
template <class Pass>
int run_to_end(operations::Operation& operation, net::SelectLoop& loop, Console& console, Pass pass) {
  return run_to_end(operation, console, pass, [&] { return loop.take_signal(); });
}

}  // namespace peer
