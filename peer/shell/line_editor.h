// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peer/shell/words.h"

// libedit's.
struct editline;
struct history;

namespace peer::shell {

/// A line typed on the terminal of standard input and output, with libedit: keys as in ~/.editrc, TAB completes, arrows
/// and Ctrl-R go back to earlier lines. One at a time in a program.
class LineEditor {
 public:
  struct Hooks {
    /// Waits for a byte from the terminal; nothing ends the line.
    std::function<std::optional<char>()> next_byte;
    /// What the word at the end may be.
    std::function<std::vector<std::string>(const PartialLine&)> names;
  };
  /// Throws std::runtime_error where the terminal cannot be used.
  LineEditor(std::string prompt, Hooks hooks);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  /// The line without its end. Nothing after Ctrl-D on an empty line, and when next_byte gave nothing. The terminal is
  /// as it was before when this returns.
  std::optional<std::string> read_line();
  /// Lines that are there to be called back.
  void remember(const std::string& line);

  // From within next_byte only:
  /// Prints whole lines above the one that is being typed.
  void print_above(std::string_view text);
  /// Leaves what was typed on the terminal with ^C behind it; next_byte is to give nothing then.
  void abandon();

 private:
  static int next_character(editline* handle, wchar_t* out);
  static unsigned char complete_word(editline* handle, int key);
  static char* prompt_of(editline* handle);
  static LineEditor& self(editline* handle);
  /// Takes the line off the terminal; the cursor stands where it began.
  void erase_line();
  void bind(const char* key, const char* function);

  std::string prompt_;
  Hooks hooks_;
  editline* editor_ = nullptr;
  struct history* history_ = nullptr;
};

}  // namespace peer::shell
