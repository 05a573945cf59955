// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "scanner/cli.h"
#include "scanner/hosts.h"
#include "scanner/vendor_files.h"

namespace scanner {

/// Prints hosts on standard output. The formats for programs are printed as hosts are found, the table at the end.
class Report {
 public:
  Report(Format format, bool to_stdout, const HostTable& table, VendorLoader& vendors);

  bool streams() const { return to_stdout_ && format_ != Format::kTable; }
  void begin();
  /// A host is known well enough to be shown: when it is first seen, or when enquiries about it are answered.
  void show(const Host& host);
  /// Everything is known: prints the table, or what has changed about hosts since they were printed.
  void end();
  /// Standard output took no more.
  static bool lost();

 private:
  void print(std::string_view text);
  std::string format(const Host& host, std::string_view event) const;

  Format format_;
  bool to_stdout_;
  const HostTable& table_;
  VendorLoader& vendors_;
  std::map<HostTable::Key, std::string> printed_;
};

/// Columns of the terminal on standard output; as good as unlimited where it is none.
std::size_t terminal_columns();

}  // namespace scanner
