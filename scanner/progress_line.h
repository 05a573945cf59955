// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/time.h"

namespace scanner {

/// A line on standard error that overwrites itself, where that is a terminal; otherwise nothing.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// True when a new text is worth making: from a second after `started`, five times a second.
  bool due(net::TimePoint now, net::TimePoint started) const;
  void show(net::TimePoint now, const std::string& text);
  void clear();

 private:
  bool wanted_;
  bool shown_ = false;
  net::TimePoint shown_at_{};
};

}  // namespace scanner
