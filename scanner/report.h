// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/time.h"
#include "scanner/cli.h"
#include "scanner/hosts.h"
#include "scanner/vendors.h"

namespace scanner {

/// The vendors' registries, read by a thread of their own while the first requests are on their way.
class VendorLoader {
 public:
  /// Begins to read. To be called when no privilege is left, because threads share none of the care for that.
  void start();
  /// Waits for the end; null when start() was never called.
  const Vendors* get();
  /// How long reading took; nothing until get() was called after start().
  std::optional<net::Duration> took() const { return took_; }
  std::size_t size() const { return vendors_.size(); }

 private:
  struct Loaded {
    Vendors vendors;
    net::Duration took;
  };
  std::future<Loaded> loading_;
  std::optional<net::Duration> took_;
  Vendors vendors_;
  bool started_ = false;
};

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
