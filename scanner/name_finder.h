// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "net/select_loop.h"
#include "net/workers.h"
#include "scanner/hosts.h"

namespace scanner {

/// Looks up hosts' names by their addresses, on threads of its own, because the system's resolver blocks.
class NameFinder {
 public:
  using Done = std::function<void(const HostTable::Key&, std::string name)>;
  /// The resolver is told to wait no longer than a second for a server, once.
  NameFinder(net::SelectLoop& loop, Done done);
  ~NameFinder();
  NameFinder(const NameFinder&) = delete;
  NameFinder& operator=(const NameFinder&) = delete;

  void ask(const HostTable::Key& host);
  bool idle() const { return workers_.pending() == 0; }

 private:
  net::SelectLoop& loop_;
  Done done_;
  net::Workers workers_;
};

}  // namespace scanner
