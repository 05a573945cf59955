// SPDX-License-Identifier: MIT
#include "peer/local_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "net/fd.h"
#include "net/files.h"
#include "net/result.h"
#include "net/time.h"
#include "peer/files/merkle.h"
#include "peer/operations/events.h"
#include "peer/operations/exit_status.h"

namespace peer {
namespace {

constexpr std::size_t kPiece = 1u << 20;
constexpr net::Duration kProgressInterval = std::chrono::milliseconds(200);

net::Failure<std::string> failed(int code) { return net::Failure{net::SystemError{code}.message()}; }

/// Hashes a file that the user named, telling how far it is; or says why it cannot.
net::Result<files::HashedContent, std::string> hash_file(const std::string& path, Console& console) {
  // Not blocking, so that a FIFO is an error and does not hang; without effect on files.
  net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed(errno);
  auto status = net::status_of(file.get());
  if (!status) return failed(status.error().code);
  if (status->kind == net::FileKind::kFolder) return failed(EISDIR);
  if (status->kind != net::FileKind::kRegular) return net::Failure{std::string("it is neither a file nor a folder")};
  if (status->size > files::kMaxFileLength) return failed(EFBIG);

  files::TreeHasher hasher;
  std::vector<std::byte> piece(kPiece);
  net::TimePoint told = net::Clock::now();
  while (true) {
    ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) break;
    if (hasher.length() + static_cast<std::uint64_t>(count) > files::kMaxFileLength) {
      return failed(EFBIG);
    }
    hasher.update(net::ByteView(piece).first(static_cast<std::size_t>(count)));
    if (net::Clock::now() - told < kProgressInterval) continue;
    told = net::Clock::now();
    operations::Progress progress;
    progress.path = path;
    progress.done = hasher.length();
    progress.total = status->size;
    progress.state = "hashing";
    console.show(operations::to_json_line(progress));
  }
  return hasher.finish();
}

}  // namespace

int print_ids(const IdCommand& command, Console& console) {
  std::size_t failed = 0;
  for (const std::string& path : command.files) {
    auto content = hash_file(path, console);
    if (content) {
      console.show(operations::to_json_line(operations::Identity{path, content->id.to_string(), content->id.length}));
      continue;
    }
    ++failed;
    console.show(operations::to_json_line(operations::Failed{path, "", content.error()}));
  }
  console.finish();
  if (failed == 0) return console.exit_status(operations::kExitDone);
  return console.exit_status(failed == command.files.size() ? operations::kExitFailed : operations::kExitSome);
}

int verify_file(const VerifyCommand& command, Console& console) {
  auto wanted = files::ContentId::parse(command.id);
  operations::Verified line;
  line.path = command.file;
  line.id = command.id;
  int exit_status = operations::kExitFailed;
  if (!wanted) {
    line.error = files::ContentId::why_not(command.id);
    exit_status = operations::kExitUsage;
  } else if (auto content = hash_file(command.file, console); !content) {
    line.error = content.error();
  } else if (content->id != *wanted) {
    line.error = "it is " + content->id.to_string();
  } else {
    line.ok = true;
    exit_status = operations::kExitDone;
  }
  console.show(operations::to_json_line(line));
  console.finish();
  return console.exit_status(exit_status);
}

}  // namespace peer
