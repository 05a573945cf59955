// SPDX-License-Identifier: MIT
#include "peer/attended.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "net/log.h"
#include "peer/control/parting.h"

namespace peer {
namespace {

using control::Parting;

constexpr int kParted = 130;

/// Somebody sits at the terminal and this program is the one they speak to.
bool can_ask() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/// Reads a line from standard input while it is asked for one.
class TypedLine final : private net::Pollable {
 public:
  explicit TypedLine(net::SelectLoop& loop) : loop_(loop) { loop_.add(*this); }
  ~TypedLine() override { loop_.remove(*this); }

  void ask() { asked_ = true; }
  /// A line that came; the end of input is an empty one.
  std::optional<std::string> take() { return std::exchange(line_, std::nullopt); }

 private:
  int fd() const override { return STDIN_FILENO; }
  bool wants_read() const override { return asked_; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint) override {
    // A terminal gives a line at a time.
    std::array<char, 256> buffer{};
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    // A terminal that is gone is the end of input as well.
    std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    line_ = text.substr(0, text.find('\n'));
    asked_ = false;
  }
  void on_writable(net::TimePoint) override {}

  net::SelectLoop& loop_;
  bool asked_ = false;
  std::optional<std::string> line_;
};

}  // namespace

int attend(operations::Operation& operation, net::SelectLoop& loop, Console& console, const std::string& home,
           const std::string& work) {
  Parting parting(can_ask());
  std::optional<TypedLine> typed;
  Parting::Action action = Parting::Action::kNone;
  auto over = [&] {
    return operation.done() || !console.alive() || action == Parting::Action::kDetach ||
           action == Parting::Action::kLeave;
  };
  while (!over()) {
    // What comes while a question stands there waits.
    if (!parting.asking()) {
      for (const std::string& line : operation.take_lines()) console.show(line);
    }
    const net::TimePoint now = loop.wait(operation.deadline());
    action = Parting::Action::kNone;
    if (const auto signal = loop.take_signal()) {
      if (parting.asking()) console.end_line();
      action = parting.signalled(*signal == SIGINT);
    } else if (auto line = typed ? typed->take() : std::nullopt) {
      action = parting.answered(*line);
    }
    if (action == Parting::Action::kAsk) {
      if (!typed) typed.emplace(loop);
      typed->ask();
      console.ask("cancel the " + work + " too? [y/N] ");
    } else if (action == Parting::Action::kCancel) {
      operation.cancel(now);
    }
    if (!operation.done()) operation.step(now);
  }
  if (parting.asking() && operation.done()) console.end_line();
  for (const std::string& line : operation.take_lines()) console.show(line);
  console.finish();
  if (!operation.done() && action != Parting::Action::kLeave) {
    net::Log("p2ppeer", net::LogLevel::kInfo)
        .info("the running peer goes on with the " + work + "; to see how far it is: p2ppeer -C " + home + " status");
  }
  return console.exit_status(operation.done() ? operation.exit_status() : kParted);
}

}  // namespace peer
