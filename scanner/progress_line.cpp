// SPDX-License-Identifier: MIT
#include "scanner/progress_line.h"

#include <unistd.h>

#include <cstdio>

namespace scanner {

ProgressLine::ProgressLine(bool wanted) : wanted_(wanted && isatty(STDERR_FILENO) == 1) {}

bool ProgressLine::due(net::TimePoint now, net::TimePoint started) const {
  return wanted_ && now - started >= std::chrono::seconds(1) && now - shown_at_ >= std::chrono::milliseconds(200);
}

void ProgressLine::show(net::TimePoint now, const std::string& text) {
  if (!wanted_) return;
  shown_at_ = now;
  shown_ = true;
  std::fprintf(stderr, "\r%s\033[K", text.c_str());
}

void ProgressLine::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace scanner
