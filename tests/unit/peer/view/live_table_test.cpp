// SPDX-License-Identifier: MIT
#include "peer/view/live_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "net/text_width.h"

namespace peer::view {
namespace {

/// What a terminal shows; knows no more than the table's own sequences, and fails on others.
class Terminal {
 public:
  explicit Terminal(std::size_t width, std::size_t height) : width_(width), height_(height) {}
  void write(std::string_view text) {
    while (!text.empty()) {
      if (text[0] == '\x1b') {
        text.remove_prefix(sequence(text));
      } else {
        put(text[0]);
        text.remove_prefix(1);
      }
    }
  }
  const std::vector<std::string>& lines() const { return lines_; }
  std::size_t scrolled = 0;

 private:
  std::size_t sequence(std::string_view text) {
    const std::size_t end = text.find_first_of("AHJK");
    EXPECT_NE(end, std::string_view::npos);
    const std::size_t number = end > 2 ? std::stoul(std::string(text.substr(2, end - 2))) : 0;
    if (text[end] == 'A') {
      EXPECT_LE(number, row_) << "above the top";
      row_ -= std::min(row_, number);
    } else if (text[end] == 'H') {
      row_ = column_ = 0;
    } else if (text[end] == 'K') {
      line().resize(column_);
    } else if (number == 2) {
      lines_.clear();
    } else {
      line().resize(column_);
      lines_.resize(row_ + 1);
    }
    return end + 1;
  }
  void put(char c) {
    if (c == '\r') {
      column_ = 0;
    } else if (c == '\n') {
      column_ = 0;
      if (++row_ < height_) return;
      row_ = height_ - 1;
      lines_.erase(lines_.begin());
      ++scrolled;
    } else {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20);
      std::string& text = line();
      text.resize(std::max(text.size(), column_ + 1), ' ');
      text[column_++] = c;
      EXPECT_LT(net::display_width(text), width_) << "the last column is to stay free";
    }
  }
  std::string& line() {
    if (lines_.size() <= row_) lines_.resize(row_ + 1);
    return lines_[row_];
  }

  std::size_t width_, height_;
  std::vector<std::string> lines_;
  std::size_t row_ = 0, column_ = 0;
};

using Lines = std::vector<std::string>;

LiveTable sample() { return LiveTable({{"NAME", Table::Column::Align::kLeft, 0, 4}, {"N"}}, "nothing yet"); }

TEST(ViewLiveTable, IsDrawnInItsPlaceWhenSomethingChanges) {
  LiveTable table = sample();
  Terminal terminal(40, 10);
  auto draw = [&] { terminal.write(table.draw(40, 10)); };
  draw();
  EXPECT_EQ(terminal.lines(), (Lines{"nothing yet", ""}));
  table.put("b", "b", {"bert", "2"});
  table.put("a", "a", {"ann", "1"});
  draw();
  EXPECT_EQ(terminal.lines(), (Lines{"NAME  N", "ann   1", "bert  2", ""}));
  EXPECT_EQ(table.draw(40, 10), "") << "nothing has changed";
  table.put("b", "0", {"bert", "3"});
  draw();
  EXPECT_EQ(terminal.lines(), (Lines{"NAME  N", "bert  3", "ann   1", ""})) << "its place has changed as well";
  table.remove("b");
  table.remove("nobody");
  draw();
  EXPECT_EQ(terminal.lines(), (Lines{"NAME  N", "ann   1", ""}));
  table.remove("a");
  draw();
  EXPECT_EQ(terminal.lines(), (Lines{"nothing yet", ""}));
  EXPECT_EQ(terminal.scrolled, 0u);
}

TEST(ViewLiveTable, NeverGrowsBeyondTheTerminal) {
  for (std::size_t height = 4; height < 12; ++height) {
    for (std::size_t rows = 0; rows < 20; ++rows) {
      LiveTable table = sample();
      Terminal terminal(30, height);
      for (std::size_t i = 0; i < rows; ++i) {
        table.put(std::to_string(i), std::to_string(10 + i), {std::string(i * 3, 'x'), std::to_string(i)});
        terminal.write(table.draw(30, height));
      }
      EXPECT_EQ(terminal.scrolled, 0u);
      if (rows + 2 > height) {
        const std::size_t hidden = rows - (height - 3);
        EXPECT_EQ(terminal.lines()[height - 2], "and " + std::to_string(hidden) + " more");
      }
    }
  }
}

TEST(ViewLiveTable, AnotherSizeIsDrawnFromTheTop) {
  LiveTable table = sample();
  Terminal terminal(60, 10);
  table.put("a", "a", {"a name of twenty-four c.", "1"});
  terminal.write(table.draw(60, 10));
  const std::string narrow = table.draw(12, 10);
  EXPECT_TRUE(narrow.starts_with("\x1b[H\x1b[2J")) << "how the terminal broke the lines is not known";
  terminal.write(narrow);
  for (const std::string& line : terminal.lines()) EXPECT_LT(net::display_width(line), 12u);
}

TEST(ViewLiveTable, IsDrawnBelowWhatElseWasWritten) {
  LiveTable table = sample();
  Terminal terminal(40, 10);
  table.put("a", "a", {"ann", "1"});
  terminal.write(table.draw(40, 10));
  table.leave();
  terminal.write("a message\n");
  terminal.write(table.draw(40, 10));
  EXPECT_EQ(terminal.lines(), (Lines{"NAME  N", "ann   1", "a message", "NAME  N", "ann   1", ""}));
}

}  // namespace
}  // namespace peer::view
