// SPDX-License-Identifier: MIT
#include "peer/shell/run.h"

#include <glob.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <memory>
#include <set>
#include <utility>

#include "net/files.h"
#include "peer/commands.h"
#include "peer/console.h"
#include "peer/host_names.h"
#include "peer/operations/events.h"
#include "peer/operations/exit_status.h"
#include "peer/shell/complete.h"
#include "peer/shell/line_editor.h"
#include "peer/shell/notice.h"
#include "peer/shell/recall.h"
#include "peer/shell/standing_peer.h"
#include "peer/shell/words.h"

namespace peer::shell {
namespace {

constexpr char kRecallName[] = "shell_history";
/// How long a completion may take to find out what there is.
constexpr net::Duration kCompletionTime = std::chrono::seconds(3);

/// Joins the loop while it lives, and notes when standard input has something.
class InputReady final : private net::Pollable {
 public:
  explicit InputReady(net::SelectLoop& loop) : loop_(loop) { loop_.add(*this); }
  ~InputReady() override { loop_.remove(*this); }
  bool ready() const { return ready_; }

 private:
  int fd() const override { return STDIN_FILENO; }
  bool wants_read() const override { return !ready_; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint) override { ready_ = true; }
  void on_writable(net::TimePoint) override {}

  net::SelectLoop& loop_;
  bool ready_ = false;
};

/// A console that notes which downloads it has told the end of.
struct NotingConsole {
  Console& console;
  std::set<std::string>& told;

  void show(const std::string& line) {
    if (std::string id = ended_download(line); !id.empty()) told.insert(std::move(id));
    console.show(line);
  }
  void refresh() { console.refresh(); }
  void finish() { console.finish(); }
  bool alive() const { return console.alive(); }
  int exit_status(int status) const { return console.exit_status(status); }
};

std::vector<std::string> local_paths(const std::string& prefix) {
  std::string pattern;
  for (char c : prefix) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  pattern += '*';
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_MARK, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

class Shell {
 public:
  Shell(const Options& options, const ShellCommand& command)
      : options_(options),
        log_("p2ppeer", options.verbose ? net::LogLevel::kInfo : net::LogLevel::kWarning),
        peer_(options_, command.network, log_) {}

  int run() {
    peer_.choose();
    if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
      talk();
    else
      read_all();
    peer_.leave();
    return exit_status_;
  }

 private:
  // --- a terminal ---
  void talk() {
    std::signal(SIGTSTP, SIG_IGN);
    editor_ = std::make_unique<LineEditor>(
        "p2p> ",
        LineEditor::Hooks{[this] { return next_key(); }, [this](const PartialLine& line) { return names(line); }});
    for (const std::string& line : parse_recall(read_recall())) editor_->remember(line);
    if (!options_.quiet) std::cout << "Type help for a list of commands, exit to leave.\n" << std::flush;
    while (!over_) {
      interrupted_ = false;
      const std::optional<std::string> line = editor_->read_line();
      if (line) {
        if (line->find_first_not_of(" \t") != std::string::npos) {
          editor_->remember(*line);
          typed_.push_back(*line);
        }
        carry_out(*line);
      } else if (!interrupted_) {
        // Ctrl-D, which stands behind the prompt now.
        if (!terminated_) std::cout << "\n" << std::flush;
        over_ = true;
      }
    }
    save_recall();
    exit_status_ = terminated_ ? operations::kExitFailed : operations::kExitDone;
  }

  std::optional<char> next_key() {
    tell_changes();
    InputReady input(peer_.loop());
    while (!input.ready()) {
      peer_.pass(std::nullopt);
      if (const auto signal = peer_.loop().take_signal()) {
        interrupted_ = *signal == SIGINT;
        terminated_ = over_ = !interrupted_;
        editor_->abandon();
        return std::nullopt;
      }
      tell_changes();
    }
    char key = 0;
    const ssize_t count = ::read(STDIN_FILENO, &key, 1);
    if (count == 1) return key;
    over_ = true;
    return std::nullopt;
  }

  /// REQUIRES: a line is being typed.
  void tell_changes() {
    std::string text;
    for (const std::string& line : peer_.take_changes()) {
      if (!options_.quiet) text += notice_of(line, told_);
    }
    if (!text.empty()) editor_->print_above(text);
  }

  // --- completion ---
  std::vector<std::string> names(const PartialLine& line) {
    const Wanted what = wanted(line);
    std::vector<std::string> names;
    if (what == Wanted::kLocalPath) return local_paths(line.word);
    if (what == Wanted::kCommand) {
      for (const CommandInfo& info : commands()) names.emplace_back(info.name);
    } else if (what == Wanted::kNetworkFile) {
      const control::Command search{"SEARCH", {}, {line.word}};
      ask(line.word.empty() ? control::Command{"LIST_ALL_FILES", {}, {}} : search, [&](const operations::Event& event) {
        if (const auto* file = std::get_if<operations::File>(&event)) names.push_back(file->path);
      });
    } else if (what == Wanted::kReceiver) {
      names.emplace_back("all");
      ask({"PEERS", {}, {}}, [&](const operations::Event& event) {
        const auto* peer = std::get_if<operations::Peer>(&event);
        if (peer != nullptr && peer->state != "unreachable") names.push_back(peer->endpoint);
      });
    }
    return names;
  }

  /// Carries out what is only asked to know something.
  template <class Take>
  void ask(const control::Command& command, Take take) {
    const auto operation = peer_.begin(command);
    const net::TimePoint end = net::Clock::now() + kCompletionTime;
    if (!operation->done()) operation->step(net::Clock::now());
    while (!operation->done()) {
      const net::TimePoint now = peer_.pass(net::earlier(operation->deadline(), end));
      if (now >= end) return;
      operation->step(now);
    }
    for (const std::string& line : operation->take_lines()) {
      if (auto event = operations::parse_json_line(line)) take(*event);
    }
  }

  // --- a pipe or file ---
  void read_all() {
    std::string text;
    while (!over_) {
      const std::size_t end = text.find('\n');
      if (end != std::string::npos) {
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        carry_out(line);
      } else if (text.size() > kMaxLine) {
        fail(describe(LineError::kTooLong));
        over_ = true;
      } else if (!read_more(text)) {
        over_ = true;
        if (!terminated_ && !text.empty()) carry_out(text);
      }
    }
  }

  bool read_more(std::string& text) {
    InputReady input(peer_.loop());
    while (!input.ready()) {
      peer_.pass(std::nullopt);
      peer_.take_changes();
      if (!peer_.loop().take_signal()) continue;
      terminated_ = true;
      note_status(operations::kExitFailed);
      return false;
    }
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
  }

  // --- commands ---
  void carry_out(const std::string& line) {
    const auto words = split_line(line);
    if (!words) {
      fail(describe(words.error()));
    } else if (!words->empty()) {
      try {
        note_status(carry_out(*words));
      } catch (const std::exception& error) {
        log_.error(error.what());
        note_status(operations::kExitFailed);
      }
    }
  }

  int carry_out(const std::vector<std::string>& words) {
    const std::string& name = words.front();
    if (!is_command(name)) {
      log_.error("there is no command '" + name + "'; help lists them");
      return operations::kExitUsage;
    }
    if (name == "exit" || name == "quit") {
      over_ = true;
      return operations::kExitDone;
    }
    if (name == "help") {
      std::cout << help_text() << std::flush;
      return operations::kExitDone;
    }
    return carry_out_command(words);
  }

  int carry_out_command(const std::vector<std::string>& words) {
    std::vector<const char*> arguments{"p2ppeer", "-C", options_.home.c_str()};
    for (const std::string& word : words) arguments.push_back(word.c_str());
    if (words.front() == "download") arguments[3] = "get";
    auto parsed = parse_command_line(static_cast<int>(arguments.size()), arguments.data(), true);
    std::cout << std::flush;
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    Options& options = std::get<Options>(parsed);
    options.json |= options_.json;
    options.quiet |= options_.quiet;
    options.verbose |= options_.verbose;
    if (chooses_network(options.command)) {
      log_.error("--from, --peers, --no-announce and --limit are for the start of the shell; help lists the commands");
      return operations::kExitUsage;
    }
    try {
      const auto request = request_of(options.command);
      if (!request) return peer::run(options);
      return run_operation(options, *request);
    } catch (const BadUsage& error) {
      log_.error(error.what());
      return operations::kExitUsage;
    }
  }

  int run_operation(const Options& options, const control::Command& request) {
    if (const std::string changed = peer_.choose(); !changed.empty() && !options.quiet) {
      net::Log("p2ppeer", net::LogLevel::kInfo).info(changed);
    }
    told_.clear();
    Console console(options);
    NotingConsole view{console, told_};
    const auto operation = peer_.begin(request);
    const int status = run_to_end(
        *operation, view, [this](std::optional<net::TimePoint> deadline) { return peer_.pass(deadline); },
        [this, &console] {
          const auto signal = peer_.loop().take_signal();
          // A script is not to go on with its next line.
          if (signal && (!editor_ || *signal != SIGINT)) terminated_ = over_ = true;
          // ^C stands on the line.
          if (signal && !terminated_) console.end_line();
          return signal;
        });
    if (!console.alive()) over_ = true;
    return status;
  }

  void fail(std::string_view why) {
    log_.error(why);
    note_status(operations::kExitUsage);
  }
  void note_status(int status) {
    if (exit_status_ == operations::kExitDone) exit_status_ = status;
  }

  // --- lines of earlier sessions ---
  std::string read_recall() const {
    auto text = net::Folder::open(options_.home + "/.p2p").read_all(kRecallName, kMaxRecallFile);
    return text ? *text : "";
  }
  void save_recall() const {
    if (typed_.empty()) return;
    // Another shell may have written meanwhile.
    const std::string text = add_to_recall(read_recall(), typed_);
    auto written = net::Folder::open(options_.home + "/.p2p").write_atomically(kRecallName, text, 0600);
    if (!written) log_.warning(options_.home + "/.p2p/" + kRecallName + ": " + written.error().message());
  }

  Options options_;
  net::Log log_;
  StandingPeer peer_;
  std::unique_ptr<LineEditor> editor_;  ///< On a terminal.
  std::vector<std::string> typed_;
  std::set<std::string> told_;  ///< Contents whose end the last command has told.
  bool over_ = false, interrupted_ = false, terminated_ = false;
  int exit_status_ = operations::kExitDone;
};

}  // namespace

int run(const Options& options, const ShellCommand& command) { return Shell(options, command).run(); }

}  // namespace peer::shell
