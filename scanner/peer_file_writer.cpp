// SPDX-License-Identifier: MIT
#include "scanner/peer_file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include "net/escape.h"
#include "net/rfc3339.h"

namespace scanner {
namespace {

[[noreturn]] void cannot_write(int code, const std::string& path, const std::string& hint = {}) {
  throw std::system_error(code, std::generic_category(), "write the peer list " + net::escape(path) + hint);
}

}  // namespace

PeerFileWriter::PeerFileWriter(const std::string& path) : path_(path) {
  if (path == "none") return;
  if (path == "-") {
    to_stdout_ = true;
    return;
  }
  const std::size_t slash = path.rfind('/');
  name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name_.empty() || name_ == "." || name_ == "..") cannot_write(EISDIR, path);
  folder_ = net::Folder::open(slash == std::string::npos ? "." : path.substr(0, slash + 1));
  if (faccessat(folder_->fd(), ".", W_OK, AT_EACCESS) != 0) {
    cannot_write(errno, path, " as user " + std::to_string(geteuid()) + " (name another place with -o, or none)");
  }
  const auto status = folder_->status(name_);
  // A device or a link would be replaced by a file.
  if (status.ok() && status->kind != net::FileKind::kRegular) {
    throw std::runtime_error("the peer list " + net::escape(path) +
                             " is not a regular file; name another with -o, or use - or none");
  }
}

void PeerFileWriter::write(const PeerFileUpdate& update) const {
  if (!folder_ && !to_stdout_) return;
  net::PeerList list = new_peer_list();
  std::uint32_t mode = 0644;
  if (folder_) {
    const auto existing = folder_->read_all(name_, net::PeerList::kMaxFileSize);
    if (existing.ok()) {
      list = net::PeerList::parse(*existing);
      if (const auto status = folder_->status(name_); status.ok()) mode = status->mode;
    } else if (existing.error().code != ENOENT) {
      cannot_write(existing.error().code, path_);
    }
  }
  update_peer_list(list, update);
  const std::string text = list.format();
  if (to_stdout_) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
      cannot_write(errno, path_);
    return;
  }
  folder_->remove_abandoned(name_);
  const auto written = folder_->write_atomically(name_, text, mode);
  if (!written.ok()) cannot_write(written.error().code, path_);
}

std::string PeerFileWriter::place() const {
  if (to_stdout_) return "standard output";
  return folder_ ? net::escape(path_) : std::string();
}

std::string utc_now() {
  // Nothing where the clock stands beyond the year 9999: the list does without.
  return net::to_rfc3339(std::time(nullptr)).value_or("");
}

}  // namespace scanner
