// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <functional>
#include <optional>
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
  /// After each flock of lines, and when the terminal may have another size.
  void refresh();
  /// Takes the progress line off the terminal and puts the question there. Not escaped.
  void ask(std::string_view question);
  /// Ends the line of a question that got no answer.
  void end_line();
  void finish();
  /// False once stdout takes no more (its reader has closed a pipe, the disk is full): nothing more needs to be done
  /// for it.
  bool alive() const { return alive_; }
  /// Whoever read stdout has closed it.
  void reader_gone() { alive_ = false; }
  /// `status`, or that of a failure where something was lost on the way to stdout, which was told on stderr then. That
  /// a pipe's reader has enough is no failure.
  int exit_status(int status) const;

 private:
  void fit();
  void write(const view::Text& text);

  view::Screen screen_;
  bool terminal_;  ///< Whether one is written to, so that its width counts.
  bool alive_ = true;
  bool lost_ = false;
};

/// Joins the loop while it lives, and tells when stdout is a pipe that nobody reads any more: what is seldom written to
/// would not notice.
class OutputReader final : private net::Pollable {
 public:
  OutputReader(net::SelectLoop& loop, std::function<void()> gone);
  ~OutputReader() override;

 private:
  int fd() const override;
  bool wants_read() const override { return !told_; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint) override {}

  net::SelectLoop& loop_;
  std::function<void()> gone_;
  bool joined_ = false, told_ = false;
};

/// Steps the operation until it is done and shows what it tells. `view` is a Console or stands for one. `pass` is one
/// pass of the loop it lives on, at most until the given deadline; `take_signal` that loop's. The first signal cancels
/// the operation; after the second, or when stdout is gone, it is left as it is. Returns the exit status: that nobody
/// listens to an endless one any more is its good end.
template <class View, class Pass, class TakeSignal>
int run_to_end(operations::Operation& operation, View& view, Pass pass, TakeSignal take_signal) {
  net::TimePoint now = net::Clock::now();
  bool cancelled = false;
  auto tell = [&] {
    for (const std::string& line : operation.take_lines()) view.show(line);
    view.refresh();
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
  const bool good_end = operation.endless() && !view.alive();
  const int left = good_end ? 0 : kInterrupted;
  return view.exit_status(operation.done() ? operation.exit_status() : left);
}

/// The same, for the signals that the loop catches.
template <class Pass>
int run_to_end(operations::Operation& operation, net::SelectLoop& loop, Console& console, Pass pass) {
  std::optional<OutputReader> reader;
  if (operation.endless()) {
    reader.emplace(loop, [&] { console.reader_gone(); });
    loop.catch_signal(SIGWINCH);
  }
  return run_to_end(operation, console, pass, [&] {
    std::optional<int> signal = loop.take_signal();
    for (; signal == SIGWINCH; signal = loop.take_signal()) console.refresh();
    return signal;
  });
}

}  // namespace peer
