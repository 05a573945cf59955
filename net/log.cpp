// SPDX-License-Identifier: MIT
#include "net/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

#include "net/escape.h"

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

}  // namespace

Log::Log(std::string program, LogLevel level)
    : logger_(std::make_shared<spdlog::logger>(std::move(program), std::make_shared<spdlog::sinks::stderr_sink_mt>())),
      level_(level) {
  logger_->set_pattern("%n: %v");
  logger_->set_level(spdlog_level(level));
}

void Log::write(LogLevel level, std::string_view message) const {
  if (enabled(level)) logger_->log(spdlog_level(level), escape(message));
}

}  // namespace net
