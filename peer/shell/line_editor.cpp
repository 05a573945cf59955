// SPDX-License-Identifier: MIT
#include "peer/shell/line_editor.h"

#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <stdexcept>
#include <utility>

#include "net/text_width.h"
#include "peer/shell/complete.h"
#include "peer/shell/recall.h"

namespace peer::shell {
namespace {

/// Characters as libedit counts them.
int characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool can_erase() {
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

LineEditor::LineEditor(std::string prompt, Hooks hooks) : prompt_(std::move(prompt)), hooks_(std::move(hooks)) {
  // Names are UTF-8 whatever the user's locale.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  editor_ = el_init("p2ppeer", stdin, stdout, stderr);
  history_ = history_init();
  if (editor_ == nullptr || history_ == nullptr) throw std::runtime_error("this terminal cannot be used to edit lines");
  HistEvent event;
  history(history_, &event, H_SETSIZE, static_cast<int>(kMaxRecalled));
  history(history_, &event, H_SETUNIQUE, 1);
  el_set(editor_, EL_CLIENTDATA, this);
  el_set(editor_, EL_PROMPT, &LineEditor::prompt_of);
  el_set(editor_, EL_GETCFN, &LineEditor::next_character);
  el_set(editor_, EL_HIST, &::history, history_);
  el_set(editor_, EL_EDITOR, "emacs");
  el_set(editor_, EL_ADDFN, "p2p-complete", "Complete the word", &LineEditor::complete_word);
  bind("^I", "p2p-complete");
  bind("^R", "em-inc-search-prev");
  bind("\033[3~", "ed-delete-next-char");
  el_source(editor_, nullptr);
}

LineEditor::~LineEditor() {
  if (editor_ != nullptr) el_end(editor_);
  if (history_ != nullptr) history_end(history_);
}

void LineEditor::bind(const char* key, const char* function) { el_set(editor_, EL_BIND, key, function, nullptr); }

LineEditor& LineEditor::self(editline* handle) {
  void* data = nullptr;
  el_get(handle, EL_CLIENTDATA, &data);
  return *static_cast<LineEditor*>(data);
}

char* LineEditor::prompt_of(editline* handle) { return self(handle).prompt_.data(); }

int LineEditor::next_character(editline* handle, wchar_t* out) {
  std::mbstate_t state{};
  while (const std::optional<char> byte = self(handle).hooks_.next_byte()) {
    const std::size_t length = std::mbrtowc(out, &*byte, 1, &state);
    if (length <= 1) return 1;
    // Not the beginning of a character: what was no UTF-8 is passed by.
    if (length == static_cast<std::size_t>(-1)) state = {};
  }
  return -1;
}

std::optional<std::string> LineEditor::read_line() {
  int count = 0;
  const char* text = el_gets(editor_, &count);
  if (text == nullptr || count <= 0) return std::nullopt;
  std::string line(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

void LineEditor::remember(const std::string& line) {
  HistEvent event;
  history(history_, &event, H_ENTER, line.c_str());
}

void LineEditor::erase_line() {
  if (!can_erase()) {
    std::fputs("\n", stdout);
    return;
  }
  const LineInfo* info = el_line(editor_);
  const std::size_t cursor = net::display_width(prompt_ + std::string(info->buffer, info->cursor));
  const std::size_t rows_above = cursor / terminal_width();
  if (rows_above > 0) std::fprintf(stdout, "\x1b[%zuA", rows_above);
  std::fputs("\r\x1b[J", stdout);
}

void LineEditor::print_above(std::string_view text) {
  erase_line();
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  // Draws it anew from where the cursor is.
  el_set(editor_, EL_REFRESH);
}

void LineEditor::abandon() {
  erase_line();
  const LineInfo* info = el_line(editor_);
  el_cursor(editor_, characters({info->cursor, static_cast<std::size_t>(info->lastchar - info->cursor)}));
  el_set(editor_, EL_REFRESH);
  std::fputs("^C\n", stdout);
  std::fflush(stdout);
}

unsigned char LineEditor::complete_word(editline* handle, int) {
  LineEditor& editor = self(handle);
  const LineInfo* info = el_line(handle);
  const std::string line(info->buffer, info->cursor);
  const Completion completion = complete(line, editor.hooks_.names(split_partial(line)));
  if (!completion.list.empty()) {
    std::string list;
    for (const std::string& name : completion.list) list += name + '\n';
    editor.print_above(list);
    return CC_REFRESH;
  }
  if (completion.insert.empty()) return CC_REFRESH_BEEP;
  el_deletestr(handle, characters(std::string_view(line).substr(line.size() - completion.erase)));
  el_insertstr(handle, completion.insert.c_str());
  return CC_REFRESH;
}

}  // namespace peer::shell
