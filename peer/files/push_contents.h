// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peer/files/catalog.h"

namespace peer::files {

/// What is pushed, as whoever offers it sees it. The driver's is files::Bundle; tests have one in memory.
class PushContents {
 public:
  virtual ~PushContents() = default;
  /// Something that was named, or lies in a folder that was, and is not pushed.
  struct LeftOut {
    std::string path;
    std::string reason;
    bool failed = false;  ///< It should have been pushed; otherwise things like it never are.
  };
  struct Progress {
    std::uint64_t done = 0;  ///< Bytes hashed.
    std::uint64_t total = 0;
  };

  /// True once everything was looked at and hashed, or failed; what follows is final then.
  virtual bool ready() const = 0;
  virtual Progress progress() const = 0;
  /// Why nothing can be pushed; empty where it can.
  virtual const std::string& error() const = 0;
  /// By path; no path twice.
  virtual const std::vector<CatalogEntry>& entries() const = 0;
  virtual const std::vector<LeftOut>& left_out() const = 0;
  /// The path of a file that was found to be another when it was to be sent (threats T30); empty while there is none.
  virtual const std::string& changed() const = 0;
};

}  // namespace peer::files
