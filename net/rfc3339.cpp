// SPDX-License-Identifier: MIT
#include "net/rfc3339.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "net/number.h"

namespace net {
namespace {

using Seconds = std::chrono::sys_seconds;

// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
constexpr std::int64_t kFirstSecond = -62167219200;
constexpr std::int64_t kLastSecond = 253402300799;
constexpr std::size_t kLongestTime = 40;

constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";

/// True when `text` begins with date and time as far as their digits go, whatever the numbers.
bool begins_with_form(std::string_view text) {
  if (text.size() < kForm.size()) return false;
  return std::equal(kForm.begin(), kForm.end(), text.begin(),
                    [](char form, char c) { return form == 'd' ? c >= '0' && c <= '9' : c == form; });
}

/// The number of `count` digits at `position`. REQUIRES: they are digits.
unsigned number_at(std::string_view text, std::size_t position, std::size_t count = 2) {
  return *parse_number<unsigned>(text.substr(position, count));
}

/// Two digits at `position`, at most `limit`.
bool is_number(std::string_view text, std::size_t position, unsigned limit) {
  const auto number = parse_number<unsigned>(text.substr(position, 2));
  return number && *number <= limit;
}

bool is_zone_offset(std::string_view text) {
  if (text == "Z" || text == "z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_number(text, 1, 23) && text[3] == ':' &&
         is_number(text, 4, 59);
}

}  // namespace

std::optional<std::string> to_rfc3339(std::int64_t seconds) {
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  Seconds time{std::chrono::seconds{seconds}};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<std::int64_t> from_rfc3339(std::string_view text) {
  if (!begins_with_form(text) || text.substr(kForm.size()) != "Z") return std::nullopt;
  const unsigned hour = number_at(text, 11), minute = number_at(text, 14), second = number_at(text, 17);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number_at(text, 0, 4))),
                                         std::chrono::month(number_at(text, 5)), std::chrono::day(number_at(text, 8))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  Seconds time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                 std::chrono::seconds(second);
  return time.time_since_epoch().count();
}

bool is_rfc3339(std::string_view text) {
  if (text.size() > kLongestTime || !begins_with_form(text)) return false;
  if (!is_number(text, 5, 12) || !is_number(text, 8, 31) || !is_number(text, 11, 23) || !is_number(text, 14, 59) ||
      !is_number(text, 17, 60)) {
    return false;
  }
  std::string_view after = text.substr(kForm.size());
  if (after.starts_with('.')) {
    const std::size_t end = std::min(after.find_first_not_of("0123456789", 1), after.size());
    if (end == 1) return false;
    after.remove_prefix(end);
  }
  return is_zone_offset(after);
}

}  // namespace net
