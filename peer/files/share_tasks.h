// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/fd.h"
#include "net/files.h"
#include "peer/files/index.h"
#include "peer/files/merkle.h"
#include "peer/files/place.h"
#include "peer/files/watch.h"

namespace peer::files {

/// What the tasks of a share have in common. They hold it, so that the share may go before they end.
struct ShareSource {
  std::vector<net::Folder> folders;
  std::shared_ptr<FolderWatch> watch;  ///< Null where nothing is watched.
  Index* index = nullptr;              ///< May be null.
  std::int64_t quiet_ns = 0;           ///< A file that was written less than this ago is not hashed yet.
  std::atomic<std::uint64_t> bytes_hashed{0};
  std::atomic<bool> stop{false};
};

/// Since the epoch, to be compared with what file systems write down.
std::int64_t wall_clock_ns();

/// What is at a place. Runs on a worker.
struct Look {
  enum class Kind {
    kNothing,  ///< Nothing, or nothing that is offered: a symlink, FIFO, socket, device.
    kFile,
    kFolder,      ///< `children` are what is in it.
    kUnreadable,  ///< `error` says why.
  };
  struct Child {
    std::string name;
    net::FileKind kind = net::FileKind::kOther;
    net::FileStatus status;  ///< Of a regular file.
  };
  Place place;
  Kind kind = Kind::kNothing;
  net::FileStatus status;                 ///< Of a file or folder; not of the top.
  std::optional<net::FileStatus> parent;  ///< Of the folder it is in, where that is not the top.
  net::SystemError error;
  bool watched = true;  ///< False for a folder that should be watched and could not be.
  std::vector<Child> children;
};
Look look_at(const ShareSource& source, Place place);

/// Hashes files one after another, a slice at a time, so that a large file does not keep a worker from other work. Each
/// run() is a task of its own.
class HashBatch {
 public:
  struct Request {
    Place place;
    std::uint64_t ticket = 0;
    net::FileStatus status;  ///< What the file must still be.
  };
  struct Outcome {
    Place place;
    std::uint64_t ticket = 0;
    enum class Kind { kHashed, kChanged, kFailed } kind = Kind::kFailed;
    std::shared_ptr<const HashedContent> content;  ///< For kHashed.
    net::SystemError error;                        ///< For kFailed.
  };

  HashBatch(std::shared_ptr<ShareSource> source, std::vector<Request> requests)
      : source_(std::move(source)), requests_(std::move(requests)) {}

  /// Hashes for a slice; gives what is done since.
  std::vector<Outcome> run();
  bool finished() const { return next_ == requests_.size(); }
  /// The file that is hashed further in the next slice; null where none has been begun.
  const Request* under_way() const { return hasher_ ? &requests_[next_] : nullptr; }
  /// Ends that one, as one that has changed. REQUIRES: under_way().
  Outcome give_up() { return end(Outcome::Kind::kChanged); }

 private:
  Outcome::Kind begin(const Request& request);
  Outcome::Kind hash_slice(const Request& request, std::uint64_t slice);
  Outcome end(Outcome::Kind kind);

  std::shared_ptr<ShareSource> source_;
  std::vector<Request> requests_;
  std::size_t next_ = 0;
  // Of the file that is being hashed:
  net::Fd fd_;
  std::unique_ptr<TreeHasher> hasher_;
  std::shared_ptr<const HashedContent> content_;
  net::SystemError error_;
};

}  // namespace peer::files
