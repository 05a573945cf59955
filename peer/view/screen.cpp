// SPDX-License-Identifier: MIT
#include "peer/view/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "net/counted.h"
#include "net/escape.h"
#include "peer/view/columns.h"
#include "peer/view/format.h"

namespace peer::view {
namespace {

using Align = Table::Column::Align;

constexpr std::size_t kUsualWidth = 80;
constexpr std::string_view kEraseLine = "\r\x1b[K";

/// Of downloads that go well, which a quiet screen does not even read: there may be very many.
bool tells_of_success(std::string_view line) {
  return line.starts_with(R"({"event":"start",)") || line.starts_with(R"({"event":"progress",)") ||
         line.starts_with(R"({"event":"done",)");
}

Table new_fetching_table() {
  return Table({{"FETCHING", Align::kLeft, 0, 16},
                {"DONE", Align::kRight, 0, 0},
                {"SIZE", Align::kRight, 3, 0},
                {"RATE", Align::kRight, 1, 0},
                {"ETA", Align::kRight, 2, 0},
                {"FROM", Align::kLeft, 4, 12}});
}

Table new_sending_table() {
  return Table({{"SENDING", Align::kLeft, 0, 16},
                {"TO", Align::kLeft, 1, 12},
                {"SENT", Align::kRight, 2, 0},
                {"SIZE", Align::kRight, 4, 0},
                {"RATE", Align::kRight, 3, 0}});
}

Table new_history_table() {
  return Table({{"TIME", Align::kLeft, 2, 0},
                {"", Align::kLeft, 0, 0},
                {"PATH", Align::kLeft, 0, 16},
                {"BYTES", Align::kRight, 1, 0},
                {"RATE", Align::kRight, 4, 0},
                {"PEER", Align::kLeft, 3, 12},
                {"RESULT", Align::kLeft, 1, 9}});
}

/// Who it is as a reader knows them: by name where they have one.
std::string party(const std::string& name, const std::string& endpoint) { return name.empty() ? endpoint : name; }

/// "ann", "ann and 3 more".
std::string first_of(const std::vector<operations::Portion>& sources, std::uint64_t count) {
  if (sources.empty()) return count == 0 ? "" : net::counted(count, "source", "sources");
  std::string first = party(sources.front().name, sources.front().peer);
  return count > 1 ? first + " and " + std::to_string(count - 1) + " more" : first;
}

std::string quoted(const std::string& text) { return '"' + net::escape(text) + '"'; }

/// "2.4 s" below a minute, as human_duration above.
std::string duration(double seconds) {
  if (seconds >= 60) return human_duration(static_cast<std::uint64_t>(std::min(seconds, 1e15)));
  return fmt::format("{:.1f} s", seconds);
}

/// "path" or, where that is not known, the id.
std::string subject(const std::string& path, const std::string& id) { return quoted(path.empty() ? id : path); }

}  // namespace

Screen::Screen(Options options)
    : options_(std::move(options)),
      files_(file_columns()),
      peers_(peer_columns()),
      fetching_(new_fetching_table()),
      sending_(new_sending_table()),
      history_(new_history_table()),
      watch_(options_.watch, options_.out_can_redraw && !options_.json) {}

Text Screen::consume(std::string_view line) {
  if (options_.json) return pass_on(line);
  if (options_.quiet && tells_of_success(line)) {
    downloading_ = true;
    return {};
  }
  Text text;
  auto event = operations::parse_json_line(line);
  if (event)
    std::visit([&](const auto& e) { show(e, text); }, *event);
  else if (event.error() != operations::EventError::kUnknown)
    complain(text, "cannot read what the peer says: " + net::escape(line));
  if (!text.err.empty()) watch_.leave();
  draw_progress(text);
  return text;
}

Text Screen::refresh() {
  Text text;
  text.out = watch_.draw(options_.width == 0 ? kUsualWidth : options_.width, options_.height);
  return text;
}

Text Screen::make_way() {
  Text text;
  if (std::exchange(line_drawn_, false)) text.erase = kEraseLine;
  watch_.leave();
  return text;
}

Text Screen::finish() {
  Text text = refresh();
  print_tables(text);
  progress_ = ProgressLine();
  push_ = PushProgress();
  draw_progress(text);
  return text;
}

Text Screen::pass_on(std::string_view line) const {
  Text text;
  auto event = operations::parse_json_line(line);
  if (event || event.error() != operations::EventError::kNotJson)
    text.out = std::string(line) + '\n';
  else
    complain(text, "cannot read what the peer says: " + net::escape(line));
  return text;
}

/// `message` is escaped already.
void Screen::complain(Text& text, const std::string& message) const {
  text.err += options_.program + ": " + message + '\n';
}

void Screen::print_tables(Text& text) {
  auto width = options_.out_is_terminal ? options_.width : 0;
  if (files_.rows() != 0) text.out += std::exchange(files_, Table(file_columns())).render(width);
  if (peers_.rows() != 0) text.out += std::exchange(peers_, Table(peer_columns())).render(width);
  for (Table* table : {&fetching_, &sending_}) {
    if (table->rows() != 0) text.out += '\n' + table->render(width);
  }
  if (history_.rows() != 0) text.out += std::exchange(history_, new_history_table()).render(width);
  fetching_ = new_fetching_table();
  sending_ = new_sending_table();
}

/// Puts the progress line below what `text` says. The last column stays free: a character there makes some terminals
/// begin a new line, which could not be erased.
void Screen::draw_progress(Text& text) {
  auto width = options_.width == 0 ? kUsualWidth : options_.width;
  std::string line;
  if (shows_progress() && width > 1) line = push_.active() ? push_.render(width - 1) : progress_.render(width - 1);
  if (line_drawn_ && (line.empty() || !text.out.empty() || !text.err.empty())) {
    text.erase = kEraseLine;
    line_drawn_ = false;
  }
  if (line.empty()) return;
  text.err += std::string("\r") + line + std::string(kEraseLine.substr(1));
  line_drawn_ = true;
}

void Screen::show(const operations::File& e, Text&) { files_.add(file_cells(e)); }

void Screen::show(const operations::Peer& e, Text&) { peers_.add(peer_cells(e)); }

void Screen::show(const operations::Start& e, Text& text) {
  downloading_ = true;
  progress_.start(e);
  if (options_.verbose)
    text.err += "fetching " + quoted(e.path) + ", " + human_size(e.size) + ", " + net::escape(e.id) + '\n';
}

void Screen::show(const operations::Progress& e, Text&) {
  downloading_ = true;
  progress_.update(e);
}

void Screen::show(const operations::Done& e, Text& text) {
  downloading_ = true;
  progress_.end(e.path, e.id, true);
  if (options_.quiet) return;
  text.out += net::escape(e.path) + "  " + human_size(e.size);
  if (e.already_there) {
    text.out += ", was here already\n";
    return;
  }
  text.out += " in " + duration(e.seconds);
  if (e.fetched < e.size) text.out += ", " + human_size(e.fetched) + " of it fetched";
  // Over less than a tenth of a second a rate says nothing.
  auto rate = e.seconds >= 0.1 ? static_cast<double>(e.fetched) / e.seconds : 0;
  if (rate >= 1 && rate < 1e18) text.out += ", " + human_rate(static_cast<std::uint64_t>(rate));
  text.out += '\n';
}

void Screen::show(const operations::Ambiguous& e, Text& text) {
  downloading_ = true;
  complain(text, quoted(e.name) + " stands for " + net::counted(e.candidates_count, "content", "different contents") +
                     "; ask for one by its id:");
  // Ids are there to be copied, so nothing here is cut.
  for (const auto& c : e.candidates)
    text.err += "  " + net::escape(c.id) + "\n      " + net::escape(c.path) + "  " + human_size(c.size) + ", " +
                net::counted(c.providers_count, "peer", "peers") + '\n';
  if (e.candidates_count > e.candidates.size())
    text.err += "  and " + std::to_string(e.candidates_count - e.candidates.size()) + " more\n";
}

void Screen::show(const operations::NotFound& e, Text& text) {
  downloading_ = true;
  // Where an error has said why, that nobody offers it is only what follows.
  if (error_told_) return complain(text, quoted(e.name) + " was not found");
  const std::string list = options_.in_shell ? "list" : net::escape(options_.program) + " list";
  complain(text, "nobody offers " + quoted(e.name) + "; `" + list + "` shows what there is");
}

void Screen::show(const operations::FolderMade& e, Text& text) {
  downloading_ = true;
  if (!options_.quiet) text.out += net::escape(e.path) + "  empty folder\n";
}

void Screen::show(const operations::Growing& e, Text& text) {
  if (!options_.quiet) {
    text.err += net::escape(e.peer) + (e.name.empty() ? "" : " (" + net::escape(e.name) + ")") +
                " is still hashing what it shares; it may offer more soon\n";
  }
}

void Screen::show(const operations::Failed& e, Text& text) {
  downloading_ = true;
  progress_.end(e.path, e.id, false);
  complain(text, subject(e.path, e.id) + ": " + net::escape(e.error));
}

void Screen::show(const operations::Paused& e, Text& text) {
  downloading_ = true;
  complain(text, subject(e.path, e.id) + " waits: " + net::escape(e.error));
}

void Screen::show(const operations::Error& e, Text& text) {
  error_told_ = true;
  complain(text, net::escape(e.error));
}

void Screen::show(const operations::PeerStatus& e, Text& text) {
  std::string listening;
  for (const auto& endpoint : e.listening) listening += (listening.empty() ? "" : ", ") + net::escape(endpoint);
  auto mode =
      e.mode == "open" ? std::string("open: whoever reaches this peer may read what it shares") : net::escape(e.mode);
  if (e.accept_push) mode += ", and push files to it";
  auto row = [&](const char* name, const std::string& value) {
    text.out += name + (value.empty() ? "-" : value) + '\n';
  };
  row("name       ", net::escape(e.name));
  row("node       ", net::escape(e.node));
  row("listening  ", listening);
  row("mode       ", mode);
  row("shared     ", net::counted(e.shared_files, "file", "files") + ", " + human_size(e.shared_bytes));
  row("peers      ", std::to_string(e.peers));
  row("fetching   ", net::counted(e.transfers, "file", "files"));
  row("traffic    ", human_size(e.bytes_in) + " in, " + human_size(e.bytes_out) + " out");
  row("now        ", human_rate(e.rate_in) + " in, " + human_rate(e.rate_out) + " out" +
                         (e.limit ? "; limit " + human_rate(*e.limit) + " each" : ""));
  row("up for     ", human_duration(e.uptime));
}

void Screen::show(const operations::Identity& e, Text& text) {
  text.out += net::escape(e.id) + "  " + net::escape(e.path) + '\n';
}

void Screen::show(const operations::Verified& e, Text& text) {
  if (!e.ok) {
    complain(text,
             quoted(e.path) + " is not " + net::escape(e.id) + (e.error.empty() ? "" : ": " + net::escape(e.error)));
  } else if (!options_.quiet) {
    text.out += net::escape(e.path) + ": OK\n";
  }
}

void Screen::show(const operations::PushBegun& e, Text& text) {
  pushing_ = true;
  progress_ = ProgressLine();
  if (options_.verbose)
    text.err += "pushing " + net::counted(e.files, "file", "files") + ", " + human_size(e.bytes) + '\n';
}

void Screen::show(const operations::LeftOut& e, Text& text) {
  if (e.failed) return complain(text, subject(e.path, "") + " cannot be pushed: " + net::escape(e.reason));
  if (!options_.quiet) text.err += subject(e.path, "") + " is not pushed: " + net::escape(e.reason) + '\n';
}

void Screen::show(const operations::ReceiverProgress& e, Text&) { push_.update(e); }

void Screen::show(const operations::Receiver& e, Text& text) {
  push_.end(e);
  const std::string who = net::escape(e.peer) + (e.name.empty() ? "" : " (" + net::escape(e.name) + ")");
  if (e.state != "done") {
    std::string how = e.state == "partly"
                          ? net::counted(e.files, "file", "files") + " of " + std::to_string(e.files + e.failed)
                          : net::escape(e.state);
    return complain(text, who + ": " + how + (e.error.empty() ? "" : ": " + net::escape(e.error)));
  }
  if (options_.quiet) return;
  text.out += who + ": " + net::counted(e.files, "file", "files") + ", " + human_size(e.bytes);
  text.out += e.there == e.files ? ", had it all before\n"
                                 : ", " + human_size(e.moved) + " moved in " + duration(e.seconds) + '\n';
}

void Screen::show(const operations::Summary& e, Text& text) {
  const bool nothing = files_.rows() == 0 && peers_.rows() == 0;
  print_tables(text);
  progress_ = ProgressLine();
  push_ = PushProgress();
  if (pushing_) {
    if (!options_.quiet && e.peers > 1)
      text.err += std::to_string(e.peers - std::min(e.peers, e.failed)) + " of " +
                  net::counted(e.peers, "receiver has", "receivers have") + " everything, after " +
                  duration(e.seconds) + '\n';
    return;
  }
  if (nothing && !options_.quiet && !downloading_ && e.exit == 0 && e.files == 0 && e.peers > 0) {
    complain(text, net::counted(e.peers, "peer was", "peers were") + " reached, but nothing is offered yet");
  }
  if (options_.quiet || !downloading_ || e.files + e.failed < 2) return;
  text.err += std::to_string(e.files) + " of " + net::counted(e.files + e.failed, "file", "files") + " fetched, " +
              human_size(e.bytes) + " in " + duration(e.seconds) + '\n';
}

void Screen::show(const operations::Fetching& e, Text&) {
  const bool moving = e.state == "fetching";
  fetching_.add({e.path, std::to_string(percent(e.done, e.total)) + '%', human_size(e.total),
                 moving ? human_rate(e.rate) : e.state, moving && e.eta ? human_duration(*e.eta) : "",
                 first_of(e.sources, e.sources_count)});
}

void Screen::show(const operations::Sending& e, Text&) {
  sending_.add({e.path.empty() ? short_id(e.id) : e.path, party(e.name, e.peer), human_size(e.bytes),
                human_size(e.size), human_rate(e.rate)});
}

void Screen::show(const operations::Download& e, Text&) {
  history_.add({time_text(e.time, 19), "got", e.path, human_size(e.bytes), e.rate == 0 ? "" : human_rate(e.rate),
                first_of(e.sources, e.sources_count), e.error.empty() ? e.result : e.result + ": " + e.error});
}

void Screen::show(const operations::Upload& e, Text&) {
  history_.add({time_text(e.time, 19), "sent", e.path.empty() ? short_id(e.id) : e.path, human_size(e.bytes),
                e.rate == 0 ? "" : human_rate(e.rate), party(e.name, e.peer), e.result});
}

}  // namespace peer::view
