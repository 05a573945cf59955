// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace peer::operations {

/// The latest of some lines, for any number of readers at their own pace. One that is too slow misses the oldest.
class Feed {
 public:
  static constexpr std::size_t kMaxLines = 256;

  void add(std::string line) {
    lines_.push_back(std::move(line));
    ++count_;
    if (lines_.size() > kMaxLines) lines_.pop_front();
  }
  /// How many there were so far.
  std::uint64_t count() const { return count_; }
  /// What came since there were `seen`.
  std::vector<std::string> since(std::uint64_t seen) const {
    const std::uint64_t missed = count_ - lines_.size();
    const std::uint64_t skip = seen > missed ? seen - missed : 0;
    return {lines_.begin() + static_cast<std::ptrdiff_t>(skip), lines_.end()};
  }

 private:
  std::deque<std::string> lines_;
  std::uint64_t count_ = 0;
};

}  // namespace peer::operations
