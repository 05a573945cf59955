// SPDX-License-Identifier: MIT
#include "peer/transfer_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace peer {
namespace {

/// So much is written in one call; a line is never cut.
constexpr std::size_t kBatch = 256 * 1024;
/// Times that another process may take the file away while we open it.
constexpr int kTries = 5;

}  // namespace

void TransferLog::append(const std::vector<std::string>& lines) {
  std::string text;
  auto flush = [&] {
    if (text.empty() || failed_) return;
    if (auto written = write(text); !written) {
      failed_ = true;
      log_.warning("transfers are not recorded any more: write " + name_ + ": " + written.error().message());
    }
    text.clear();
  };
  for (const std::string& line : lines) {
    text += line + '\n';
    if (text.size() >= kBatch) flush();
  }
  flush();
}

/// The file is opened anew each time, because another process may have put it aside meanwhile.
net::Result<void, net::SystemError> TransferLog::write(std::string_view text) {
  for (int i = 0; i < kTries; ++i) {
    net::Fd file(::openat(state_.fd(), name_.c_str(),
                          O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!file) return net::failed(errno);
    while (::flock(file.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return net::failed(errno);
    }
    auto status = net::status_of(file.get());
    if (!status) return net::Failure{status.error()};
    if (status->kind != net::FileKind::kRegular) return net::failed(EINVAL);
    auto named = state_.status(name_);
    if (!named || named->device != status->device || named->inode != status->inode) continue;
    if (status->size > 0 && status->size + text.size() > max_size_) {
      if (auto moved = state_.rename(name_, name_ + ".1", true); !moved) return moved;
      continue;
    }
    while (!text.empty()) {
      ssize_t count = ::write(file.get(), text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return net::failed(errno);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }
  return net::failed(EBUSY);
}

std::vector<std::string> read_transfer_logs(const net::Folder& state) {
  std::vector<std::string> texts;
  for (const char* name : {"client.log.1", "client.log", "server.log.1", "server.log"}) {
    auto text = state.read_all(name, TransferLog::kMaxSize * 2);
    if (text) {
      texts.push_back(std::move(*text));
    } else if (text.error().code != ENOENT) {
      throw std::system_error(text.error().code, std::generic_category(), std::string("read .p2p/") + name);
    }
  }
  return texts;
}

}  // namespace peer
