// SPDX-License-Identifier: MIT
#include "tests/unit/net/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace net {

ScratchFolder::ScratchFolder() : path_((std::filesystem::temp_directory_path() / "unit-net-XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp " + path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ScratchFolder::write(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
}

std::string ScratchFolder::read(const std::string& name) const {
  std::ifstream in(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool ScratchFolder::exists(const std::string& name) const {
  return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
}

DescriptorLimit::DescriptorLimit(rlim_t limit) {
  ::getrlimit(RLIMIT_NOFILE, &before_);
  rlimit wanted = before_;
  wanted.rlim_cur = limit;
  granted_ = ::setrlimit(RLIMIT_NOFILE, &wanted) == 0;
}

DescriptorLimit::~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

Fd duplicate_at_least(int fd, int number) { return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, number)); }

DescriptorsTaken::DescriptorsTaken(int limit) {
  while (true) {
    Fd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fd || fd.get() >= limit) return;
    held_.push_back(std::move(fd));
  }
}

}  // namespace net
