// SPDX-License-Identifier: MIT
#include "peer/console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include "net/log.h"
#include "net/system_error.h"
#include "peer/operations/exit_status.h"

namespace peer {
namespace {

bool is_terminal(int fd) { return isatty(fd) == 1; }

/// Progress is drawn over itself, which a dumb terminal cannot show.
bool can_redraw(int fd) {
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && term != nullptr && std::string_view(term) != "dumb";
}

struct TerminalSize {
  std::size_t width = 80, height = 24;
};

TerminalSize terminal_size() {
  for (int fd : {STDERR_FILENO, STDOUT_FILENO}) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return {size.ws_col, size.ws_row};
  }
  return {};
}

view::WatchView::What watched(const Command& command) {
  const auto* list = std::get_if<ListCommand>(&command);
  if (list != nullptr && list->watch) return view::WatchView::What::kFiles;
  const auto* peers = std::get_if<PeersCommand>(&command);
  if (peers != nullptr && peers->watch) return view::WatchView::What::kPeers;
  return view::WatchView::What::kNothing;
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
  screen.out_can_redraw = can_redraw(STDOUT_FILENO);
  const TerminalSize size = terminal_size();
  screen.width = size.width;
  screen.height = size.height;
  screen.watch = watched(options.command);
  screen.json = options.json;
  screen.quiet = options.quiet;
  screen.verbose = options.verbose;
  screen.in_shell = options.in_shell;
  return screen;
}

}  // namespace

Console::Console(const Options& options)
    : screen_(screen_options(options)), terminal_(is_terminal(STDOUT_FILENO) || is_terminal(STDERR_FILENO)) {}

void Console::show(std::string_view json_line) {
  fit();
  write(screen_.consume(json_line));
}

void Console::refresh() {
  fit();
  write(screen_.refresh());
}

void Console::fit() {
  if (!terminal_) return;
  const TerminalSize size = terminal_size();
  screen_.resize(size.width, size.height);
}

OutputReader::OutputReader(net::SelectLoop& loop, std::function<void()> gone) : loop_(loop), gone_(std::move(gone)) {
  struct stat status {};
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  joined_ = ::fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode) && flags >= 0 &&
            (flags & O_ACCMODE) == O_WRONLY && net::fits_select(STDOUT_FILENO);
  if (joined_) loop_.add(*this);
}

OutputReader::~OutputReader() {
  if (joined_) loop_.remove(*this);
}

int OutputReader::fd() const { return STDOUT_FILENO; }

// The end of a pipe that is written to is "readable" when it has no reader any more.
void OutputReader::on_readable(net::TimePoint) {
  told_ = true;
  gone_();
}

void Console::ask(std::string_view question) {
  view::Text text = screen_.make_way();
  // Otherwise ^C stands on the line.
  if (text.erase.empty()) text.erase = "\n";
  text.err = question;
  write(text);
}

void Console::end_line() { write_all(STDERR_FILENO, "\n"); }

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
