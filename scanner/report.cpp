// SPDX-License-Identifier: MIT
#include "scanner/report.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "scanner/record.h"

namespace scanner {

Report::Report(Format format, bool to_stdout, const HostTable& table, VendorLoader& vendors)
    : format_(format), to_stdout_(to_stdout), table_(table), vendors_(vendors) {}

void Report::begin() {
  if (!streams()) return;
  // The first host is to be printed at once when it answers.
  (void)vendors_.get();
  if (format_ == Format::kCsv) print(format_csv_header());
}

bool Report::lost() { return std::ferror(stdout) != 0; }

void Report::print(std::string_view text) {
  if (text.empty()) return;
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
  (void)std::fflush(stdout);
}

std::string Report::format(const Host& host, std::string_view event) const {
  const Record record = make_record(host, table_, vendors_.get());
  switch (format_) {
    case Format::kPlain:
      return format_plain(record);
    case Format::kCsv:
      return format_csv(record);
    case Format::kJson:
      return format_json(record, event);
    case Format::kTable:
      break;
  }
  return {};
}

void Report::show(const Host& host) {
  if (!streams()) return;
  const std::string text = format(host, {});
  printed_[{host.address, host.interface}] = text;
  print(text);
}

void Report::end() {
  if (!to_stdout_) return;
  if (format_ == Format::kTable) {
    std::vector<Record> records;
    for (const auto& [key, host] : table_.hosts()) records.push_back(make_record(host, table_, vendors_.get()));
    if (!records.empty()) print(format_table(records, terminal_columns()));
    return;
  }
  for (const auto& [key, host] : table_.hosts()) {
    const auto before = printed_.find(key);
    const std::string text = format(host, {});
    if (before != printed_.end() && before->second == text) continue;
    print(before == printed_.end() ? text : format(host, "update"));
  }
}

std::size_t terminal_columns() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 4096;
}

}  // namespace scanner
