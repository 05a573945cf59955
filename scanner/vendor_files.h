// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <future>
#include <optional>

#include "net/time.h"
#include "scanner/vendors.h"

namespace scanner {

/// The IEEE's registries, from the folder where Debian's ieee-data puts them, read by a thread of their own while the
/// first requests are on their way. A file that is missing is left out; without any, all names are empty.
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

}  // namespace scanner
