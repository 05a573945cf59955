// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/fd.h"
#include "net/files.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "net/send_queue.h"
#include "net/time.h"
#include "net/workers.h"
#include "peer/files/catalog.h"
#include "peer/files/content_id.h"
#include "peer/files/index.h"
#include "peer/files/merkle.h"
#include "peer/files/place.h"

namespace peer::files {

/// A file of the share, open for sending. The file may still change afterwards: then the receiver's verification fails,
/// and unchanged() is false.
class OpenFile final : public net::SendSource {
 public:
  OpenFile(net::Fd fd, ContentId id, net::FileStatus status) : fd_(std::move(fd)), id_(id), status_(status) {}
  int fd() const override { return fd_.get(); }
  const ContentId& id() const { return id_; }
  /// True while size and mtime are those of what was hashed (threats T30).
  bool unchanged() const;

 private:
  net::Fd fd_;
  ContentId id_;
  net::FileStatus status_;
};

/// How far hashing has come, since the share was last idle.
struct ShareProgress {
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
};

struct ShareOptions {
  /// How long a file must have been quiet before it is hashed.
  net::Duration quiet_time = std::chrono::milliseconds(200);
  /// How often everything is looked at where changes cannot be watched (inotify's limits).
  net::Duration rescan_interval = std::chrono::minutes(1);
  /// Hash and scan tasks given to the workers at one time; about the number of threads + 1.
  unsigned max_tasks = 3;
  /// Looks at everything once and does not watch: for a short-lived peer.
  bool watch = true;
};

/// What this peer offers: the regular files beneath some folders (shared/, downloads/), hashed on workers, watched for
/// changes. Symlinks are not followed; devices, sockets and FIFOs are skipped without being opened (T28); names that
/// begin with '.' are not offered (T27), nor what is inside such folders; names that are not clean paths are reported
/// in the log and skipped. Folders are entries themselves.
///
/// Where two folders have the same path, the earlier folder's entry is in the catalog; both contents can be had by id.
///
/// It belongs to the loop's thread; nothing in it blocks for longer than a few opens. The driver calls expire() when
/// deadline() has come.
class Share {
 public:
  using Options = ShareOptions;

  /// Registers with the loop and begins to scan. `folders`: earlier ones win. `index` may be null: everything is then
  /// hashed anew. loop, workers and log must outlive the share, the index also the workers.
  Share(net::SelectLoop& loop, net::Workers& workers, std::vector<net::Folder> folders, Index* index,
        const net::Log& log, Options options = Options());
  ~Share();
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  /// Its revision grows from run to run.
  const Catalog& catalog() const;
  /// True while something is scanned or hashed, or is about to be: the catalog may soon have more. A file that is
  /// written all the time is not waited for.
  bool growing() const;
  /// True while there is nothing to scan, hash or wait for.
  bool idle() const;
  ShareProgress progress() const;
  /// Called from expire(), once after any number of changes of the catalog, when growing() has been true for a while,
  /// and when it has become false.
  void on_change(std::function<void()> callback);

  std::optional<net::TimePoint> deadline() const;
  void expire(net::TimePoint now);

  /// A file with this content, open; null when there is none. The file is compared with what was hashed (T30): where it
  /// differs, its entry is dropped and it is looked at again. Cheap when the same content is still open elsewhere.
  std::shared_ptr<const OpenFile> open(const ContentId& id);
  /// The chunk hashes of a content that is offered; null when it is not.
  std::shared_ptr<const std::vector<Hash>> layer(const ContentId& id) const;
  bool has(const ContentId& id) const;
  /// Whether there is a file at this path of the folder, offered or about to be.
  bool has_file(const Place& place) const;
  /// Where this content is, in the earliest of the folders that have it; nothing when it is not here.
  std::optional<Place> find(const ContentId& id) const;

  /// Takes up a file that was just finished and verified, without hashing it again. `status` is the file's own
  /// (Finished::status).
  void add_known(std::size_t folder, const std::string& path, const net::FileStatus& status, HashedContent content);
  /// Looks at everything again.
  void rescan();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace peer::files
