// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "peer/view/table.h"

namespace peer::view {

/// A table on a terminal that is drawn anew in its place when something in it has changed. As many rows are shown as
/// the terminal has lines for, and how many there are besides.
class LiveTable {
 public:
  /// `empty` is what to say where there are no rows.
  LiveTable(std::vector<Table::Column> columns, std::string empty)
      : columns_(std::move(columns)), empty_(std::move(empty)) {}

  /// The row of that key, new or not. Rows are sorted by `order`.
  void put(const std::string& key, const std::string& order, std::vector<std::string> cells);
  void remove(const std::string& key);

  /// What to write to the terminal, whose cursor stands where the last call left it, at the front of the line behind
  /// the table; empty when it shows all there is already. `width` and `height` are the terminal's.
  std::string draw(std::size_t width, std::size_t height);
  /// Something else was written behind the table: it stays as it is, and the next is drawn below.
  void leave() { drawn_ = 0, dirty_ = true; }

 private:
  using Place = std::pair<std::string, std::string>;  ///< Order, key.

  std::string render(std::size_t width, std::size_t height) const;

  std::vector<Table::Column> columns_;
  std::string empty_;
  std::map<std::string, std::string> orders_;  ///< By key.
  std::map<Place, std::vector<std::string>> rows_;
  std::size_t drawn_ = 0;  ///< Lines on the terminal.
  std::pair<std::size_t, std::size_t> size_;
  bool dirty_ = true;
};

}  // namespace peer::view
