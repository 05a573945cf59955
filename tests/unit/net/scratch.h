// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <string>
#include <vector>

#include "net/fd.h"

namespace net {

/// A folder of a test's own, removed with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + '/' + name; }
  /// Writes a file by its bare path, behind the back of what is tested.
  void write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const;

 private:
  std::string path_;
};

/// Another limit of open descriptors for as long as it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit);
  ~DescriptorLimit();
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  /// False where the system does not grant it.
  bool granted() const { return granted_; }

 private:
  rlimit before_{};
  bool granted_ = false;
};

/// A copy of `fd` with the number `number` or a higher one.
Fd duplicate_at_least(int fd, int number);

/// Takes every free descriptor below `limit`, so that the next one is at least `limit`.
class DescriptorsTaken {
 public:
  explicit DescriptorsTaken(int limit);

 private:
  std::vector<Fd> held_;
};

}  // namespace net
