// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace net {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

/// Where a program's diagnostics go: stderr, one line each, "program: message", through spdlog (which stays out of
/// this header). Where stderr is the journal's (net/journal.h) the line is "<N>message" with the syslog level, as the
/// journal knows the program. Messages are escaped here, so text from the network may be passed as it is, but once
/// only. May be used by several threads; copies share the sink.
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

  std::shared_ptr<spdlog::logger> logger_;
  bool to_journal_;
  LogLevel level_;
};

}  // namespace net
