// SPDX-License-Identifier: MIT
#include "peer/view/live_table.h"

#include <algorithm>
#include <string_view>

#include "net/text_width.h"

namespace peer::view {
namespace {

constexpr std::string_view kEraseRestOfLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

}  // namespace

void LiveTable::put(const std::string& key, const std::string& order, std::vector<std::string> cells) {
  remove(key);
  orders_[key] = order;
  rows_[{order, key}] = std::move(cells);
  dirty_ = true;
}

void LiveTable::remove(const std::string& key) {
  auto found = orders_.find(key);
  if (found == orders_.end()) return;
  rows_.erase({found->second, key});
  orders_.erase(found);
  dirty_ = true;
}

std::string LiveTable::render(std::size_t width, std::size_t height) const {
  if (rows_.empty()) return net::fit(empty_, width) + '\n';
  // The heading, and the line that the cursor stands in, take two.
  const std::size_t room = std::max<std::size_t>(height, 4) - 2;
  const std::size_t shown = rows_.size() <= room ? rows_.size() : room - 1;
  Table table(columns_);
  auto row = rows_.begin();
  for (std::size_t i = 0; i < shown; ++i, ++row) table.add(row->second);
  std::string text = table.render(width);
  if (shown < rows_.size()) text += net::fit("and " + std::to_string(rows_.size() - shown) + " more", width) + '\n';
  return text;
}

std::string LiveTable::draw(std::size_t width, std::size_t height) {
  const std::pair size{width, height};
  // What a terminal has made of the lines when its width changed is not known.
  const bool resized = drawn_ != 0 && size_ != size;
  if (!dirty_ && !resized) return "";
  std::string out;
  if (resized) {
    out = "\x1b[H\x1b[2J";
  } else if (drawn_ != 0) {
    out = "\x1b[" + std::to_string(drawn_) + "A\r";
  }
  // A character in the last column would make some terminals begin a new line.
  const std::string text = render(std::max<std::size_t>(width, 2) - 1, height);
  drawn_ = 0;
  for (std::size_t begin = 0; begin < text.size(); ++drawn_) {
    const std::size_t end = text.find('\n', begin);
    out += std::string_view(text).substr(begin, end - begin);
    out += kEraseRestOfLine;
    out += '\n';
    begin = end + 1;
  }
  out += kEraseBelow;
  size_ = size;
  dirty_ = false;
  return out;
}

}  // namespace peer::view
