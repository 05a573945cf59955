// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace net {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

/// Where a program's diagnostics go: stderr, one line each, through spdlog (which stays out of this header). Lines are
/// "program: message" for errors and warnings. Messages are escaped here, so text from the network may be passed as it
/// is.
class Log {
 public:
  /// `program` prefixes every line. Messages above `level` are dropped.
  explicit Log(std::string program, LogLevel level = LogLevel::kWarning);
  void error(std::string_view message) const { write(LogLevel::kError, message); }
  void warning(std::string_view message) const { write(LogLevel::kWarning, message); }
  void info(std::string_view message) const { write(LogLevel::kInfo, message); }
  void debug(std::string_view message) const { write(LogLevel::kDebug, message); }
  bool enabled(LogLevel level) const { return level <= level_; }

 private:
  void write(LogLevel level, std::string_view message) const;

  std::string program_;
  LogLevel level_;
};

}  // namespace net
