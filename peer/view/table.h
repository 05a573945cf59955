// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace peer::view {

/// Rows of text under headings, in columns that fit a terminal. When the width does not suffice the flexible column is
/// cut down to its minimum, then the columns of the lowest rank are left out one by one, then what is left is cut.
class Table {
 public:
  struct Column {
    std::string heading;
    enum class Align { kLeft, kRight } align = Align::kLeft;
    unsigned rank = 0;  ///< 0 is never left out; the highest goes first.
    std::size_t flexible =
        0;  ///< May be cut, to no less than this many columns of the terminal; 0: not before the rest.
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Cells are escaped here. REQUIRES: one for each column.
  void add(const std::vector<std::string>& cells);
  std::size_t rows() const { return rows_.size(); }
  /// All lines, each ending with LF and none wider than `width`; 0 means that any width is fine.
  std::string render(std::size_t width) const;

 private:
  std::vector<std::size_t> chosen_widths(std::size_t width) const;
  std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace peer::view
