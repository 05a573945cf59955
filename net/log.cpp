// SPDX-License-Identifier: MIT
#include "net/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "net/escape.h"
#include "net/journal.h"

namespace net {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kDebug:
      break;
  }
  return spdlog::level::debug;
}

/// What the journal takes as the line's priority: "<3>" is an error, "<7>" of no interest but to debuggers.
const char* syslog_prefix(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "<3>";
    case LogLevel::kWarning:
      return "<4>";
    case LogLevel::kInfo:
      return "<6>";
    case LogLevel::kDebug:
      break;
  }
  return "<7>";
}

bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return stream != nullptr && fstat(STDERR_FILENO, &status) == 0 && is_journal(stream, status.st_dev, status.st_ino);
}

}  // namespace

Log::Log(std::string program, LogLevel level)
    : logger_(std::make_shared<spdlog::logger>(std::move(program), std::make_shared<spdlog::sinks::stderr_sink_mt>())),
      to_journal_(stderr_is_journal()),
      level_(level) {
  logger_->set_pattern(to_journal_ ? "%v" : "%n: %v");
  logger_->set_level(spdlog_level(level));
}

void Log::write(LogLevel level, std::string_view message) const {
  if (!enabled(level)) return;
  logger_->log(spdlog_level(level), (to_journal_ ? syslog_prefix(level) : "") + escape(message));
}

}  // namespace net
