// SPDX-License-Identifier: MIT
#include "peer/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "net/log.h"
#include "net/socket.h"
#include "peer/operations/exit_status.h"

namespace peer {
namespace {

bool is_terminal(int fd) { return isatty(fd) == 1; }

/// Progress is drawn over itself, which a dumb terminal cannot show.
bool can_redraw(int fd) {
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && term != nullptr && std::string_view(term) != "dumb";
}

std::size_t terminal_width() {
  for (int fd : {STDERR_FILENO, STDOUT_FILENO}) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

view::Screen::Options screen_options(const Options& options) {
  view::Screen::Options screen;
  screen.out_is_terminal = is_terminal(STDOUT_FILENO);
  screen.err_is_terminal = can_redraw(STDERR_FILENO);
  screen.width = terminal_width();
  screen.json = options.json;
  screen.quiet = options.quiet;
  screen.verbose = options.verbose;
  return screen;
}

}  // namespace

Console::Console(const Options& options)
    : screen_(screen_options(options)), terminal_(is_terminal(STDOUT_FILENO) || is_terminal(STDERR_FILENO)) {}

void Console::show(std::string_view json_line) {
  if (terminal_) screen_.resize(terminal_width());
  write(screen_.consume(json_line));
}

void Console::finish() { write(screen_.finish()); }

int Console::exit_status(int status) const { return lost_ ? operations::kExitFailed : status; }

void Console::write(const view::Text& text) {
  write_all(STDERR_FILENO, text.erase);
  if (alive_ && !write_all(STDOUT_FILENO, text.out)) {
    const net::SystemError error{errno};
    alive_ = false;
    lost_ = error.code != EPIPE;
    if (lost_) net::Log("p2ppeer").error("write to standard output: " + error.message());
  }
  write_all(STDERR_FILENO, text.err);
}

}  // namespace peer
