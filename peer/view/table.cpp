// SPDX-License-Identifier: MIT
#include "peer/view/table.h"

#include <algorithm>
#include <numeric>

#include "net/check.h"
#include "net/escape.h"
#include "net/text_width.h"

namespace peer::view {
namespace {

constexpr std::size_t kGap = 2;

/// What columns of these widths take together; a width of 0 means that the column is left out.
std::size_t total_of(const std::vector<std::size_t>& widths) {
  auto shown = static_cast<std::size_t>(std::count_if(widths.begin(), widths.end(), [](auto w) { return w != 0; }));
  return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + (shown == 0 ? 0 : shown - 1) * kGap;
}

}  // namespace

void Table::add(const std::vector<std::string>& cells) {
  CHECK(cells.size() == columns_.size());
  auto& row = rows_.emplace_back();
  for (const auto& cell : cells) row.push_back(net::escape(cell));
}

/// The width of each column, 0 for those that are left out.
std::vector<std::size_t> Table::chosen_widths(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) widths.push_back(std::max<std::size_t>(1, net::display_width(column.heading)));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], net::display_width(row[i]));
  if (width == 0) return widths;

  auto shrink = [&](auto minimum_of) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      std::size_t excess = total_of(widths) - std::min(total_of(widths), width);
      std::size_t minimum = minimum_of(columns_[i]);
      if (minimum != 0 && widths[i] > minimum) widths[i] -= std::min(excess, widths[i] - minimum);
    }
  };
  // A column is left out only where cutting the flexible ones would not do; then they are cut as little as possible.
  auto needed = [&] {
    auto least = widths;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].flexible != 0) least[i] = std::min(least[i], columns_[i].flexible);
    return total_of(least);
  };
  while (needed() > width) {
    std::size_t victim = 0;
    for (std::size_t i = 1; i < columns_.size(); ++i)
      if (widths[i] != 0 && (widths[victim] == 0 || columns_[i].rank > columns_[victim].rank)) victim = i;
    if (columns_[victim].rank == 0) break;
    widths[victim] = 0;
  }
  shrink([](const Column& column) { return column.flexible; });
  shrink([](const Column&) { return std::size_t{1}; });
  return widths;
}

std::string Table::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string out;
  std::size_t owed = 0;  // Spaces are put only before more text, so that no line ends with them.
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    auto cell = net::fit(cells[i], widths[i]);
    auto used = std::min(net::display_width(cell), widths[i]);
    if (columns_[i].align == Column::Align::kRight) owed += widths[i] - used;
    if (!cell.empty()) {
      out.append(owed, ' ');
      out += cell;
      owed = 0;
    }
    owed += kGap + (columns_[i].align == Column::Align::kRight ? (cell.empty() ? used : 0) : widths[i] - used);
  }
  return out + '\n';
}

std::string Table::render(std::size_t width) const {
  auto widths = chosen_widths(width);
  std::vector<std::string> headings;
  for (const auto& column : columns_) headings.push_back(column.heading);
  auto out = line(headings, widths);
  for (const auto& row : rows_) out += line(row, widths);
  if (width == 0 || total_of(widths) <= width) return out;
  // Fewer columns than a gap and a letter for each: cut the lines.
  std::string cut;
  for (std::size_t begin = 0; begin < out.size();) {
    auto end = out.find('\n', begin);
    cut += net::fit(std::string_view(out).substr(begin, end - begin), width) + '\n';
    begin = end + 1;
  }
  return cut;
}

}  // namespace peer::view
