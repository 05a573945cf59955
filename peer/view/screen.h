// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "peer/operations/events.h"
#include "peer/view/progress.h"
#include "peer/view/push_progress.h"
#include "peer/view/table.h"
#include "peer/view/watch_view.h"

namespace peer::view {

/// What to write, in this order: `erase` to stderr, `out` to stdout, `err` to stderr. Any may be empty.
struct Text {
  std::string erase;  ///< Takes the progress line off the terminal, so that `out` does not mix with it.
  std::string out;
  std::string err;
};

/// Shows an operation's JSON lines (peer/operations/events.h) to whoever ran the command. Results go to stdout;
/// progress and complaints go to stderr. Apart from its own CR and ESC [ K, and those on a terminal only, nothing that
/// it yields is a control character but LF (threats T45); LiveTable's own where a terminal shows what is watched.
class Screen {
 public:
  struct Options {
    std::string program = "p2ppeer";  ///< Begins each complaint.
    bool in_shell = false;            ///< Commands that are named are typed without the program's name.
    bool out_is_terminal = false;     ///< Tables are cut to fit.
    bool out_can_redraw = false;      ///< What is watched is a table. Leave it false as err_is_terminal.
    bool err_is_terminal = false;  ///< Progress is shown. Leave it false for a terminal that cannot erase (TERM=dumb).
    std::size_t width = 80;        ///< Columns of the terminal; 0 is not known.
    std::size_t height = 24;       ///< Lines of the terminal.
    WatchView::What watch = WatchView::What::kNothing;
    bool json = false;   ///< stdout gets the lines as they are, and nothing else is shown.
    bool quiet = false;  ///< Only what was asked for, and complaints.
    bool verbose = false;
  };

  explicit Screen(Options options);

  /// One line of an operation, without its end.
  Text consume(std::string_view line);
  /// After each flock of lines: what is watched is drawn.
  Text refresh();
  /// Something else is to be written: the progress line goes until the next event.
  Text make_way();
  /// The operation is done: what was held back is shown, the progress line goes.
  Text finish();
  /// The terminal has another size now.
  void resize(std::size_t width, std::size_t height) {
    options_.width = width;
    options_.height = height;
  }

 private:
  void show(const operations::File& e, Text& text);
  void show(const operations::Peer& e, Text& text);
  void show(const operations::Start& e, Text& text);
  void show(const operations::Progress& e, Text& text);
  void show(const operations::Done& e, Text& text);
  void show(const operations::Ambiguous& e, Text& text);
  void show(const operations::NotFound& e, Text& text);
  void show(const operations::Failed& e, Text& text);
  void show(const operations::Paused& e, Text& text);
  void show(const operations::Error& e, Text& text);
  void show(const operations::PeerStatus& e, Text& text);
  void show(const operations::Identity& e, Text& text);
  void show(const operations::Verified& e, Text& text);
  void show(const operations::PushBegun& e, Text& text);
  void show(const operations::LeftOut& e, Text& text);
  void show(const operations::FolderMade& e, Text& text);
  void show(const operations::Growing& e, Text& text);
  void show(const operations::ReceiverProgress& e, Text& text);
  void show(const operations::Receiver& e, Text& text);
  void show(const operations::Summary& e, Text& text);
  void show(const operations::Fetching& e, Text& text);
  void show(const operations::Sending& e, Text& text);
  void show(const operations::Download& e, Text& text);
  void show(const operations::Upload& e, Text& text);

  template <operations::Change change>
  void show(const operations::FileChange<change>& e, Text& text) {
    text.out += watch_.show(change, e.file);
  }
  template <operations::Change change>
  void show(const operations::PeerChange<change>& e, Text& text) {
    text.out += watch_.show(change, e.peer);
  }

  Text pass_on(std::string_view line) const;
  void complain(Text& text, const std::string& message) const;
  void print_tables(Text& text);
  void draw_progress(Text& text);
  bool shows_progress() const { return options_.err_is_terminal && !options_.quiet && !options_.json; }

  Options options_;
  Table files_;
  Table peers_;
  Table fetching_, sending_;
  Table history_;
  WatchView watch_;
  ProgressLine progress_;
  PushProgress push_;
  bool line_drawn_ = false;  ///< A progress line stands on the terminal.
  bool downloading_ = false;
  bool pushing_ = false;
  bool error_told_ = false;
};

}  // namespace peer::view
