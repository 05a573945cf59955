// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/files.h"
#include "net/workers.h"
#include "peer/actions.h"
#include "peer/files/new_folders.h"
#include "peer/files/small_files.h"
#include "peer/store_listener.h"

namespace peer {

/// Carries out the node's actions on files of one chunk at most. What the node asks for in one pass of the loop goes to
/// the workers together, and a file costs neither a sync nor a task of its own. A content that stands on this host, or
/// was placed or found lately, is taken from there for the next file that has it. It belongs to the loop's thread.
class SmallStore {
 public:
  /// Everything given must outlive the store, the folders also the workers. `tasks`: how many batches are on the
  /// workers at a time. `new_folders`: where folders are noted that were not there before what was pushed.
  SmallStore(net::Workers& workers, const net::Folder& partial, const net::Folder& downloads, unsigned tasks,
             StoreListener& listener,
             std::shared_ptr<files::NewFolders> new_folders = std::make_shared<files::NewFolders>());
  ~SmallStore();

  /// Whether files of this content are for this store.
  static bool takes(const files::ContentId& id) { return files::chunk_grid(id.length).count() <= 1; }
  bool has(TransferId transfer) const { return files_.contains(transfer); }

  void open(const OpenStore& action);
  /// REQUIRES: has(), as for the following.
  void store(StoreChunk action);
  void finish(const FinishStore& action);
  void release(const ReleaseStore& action);
  /// Sends what has gathered to the workers. To be called when there are no more actions.
  void flush();

  bool idle() const { return files_.empty(); }

 private:
  struct File {
    OpenStore wanted;
    net::FileStatus status;  ///< Once written.
    bool written = false;
    bool finishing = false;  ///< To be placed once written.
    bool placed = false;
    bool released = false;
    unsigned jobs = 0;  ///< Queued or on the workers.
  };
  using FilePtr = std::shared_ptr<File>;
  struct Job {
    enum class Kind { kLook, kWrite, kRemove };
    Kind kind;
    FilePtr file;
    Buffer data;                       ///< To be written; what it holds is checked on the worker.
    std::optional<StandingFile> same;  ///< Where the content is likely to stand under another name.
    // What came of it.
    std::string error;
    std::optional<std::string> already_there;
    ChunkStored::Outcome outcome = ChunkStored::Outcome::kFailed;
    net::FileStatus status;
  };
  using Jobs = std::vector<Job>;

  Job& enqueue(Job::Kind kind, const FilePtr& file, Buffer data = {});
  void settle(const FilePtr& file);
  void take_up(Job& job);
  void submit_jobs();
  void submit_placing();
  void placed(const FilePtr& file, const files::Placed& result);

  /// What the looks of one batch have in common.
  struct Looks {
    files::TargetFolders folders;
    std::uint64_t space;                                               ///< Bytes left.
    std::map<std::string, net::Result<void, net::SystemError>> tried;  ///< Folders that were written to, but downloads.
  };
  /// What the workers use; a task may outlive the store.
  struct Disk {
    const net::Folder& partial;
    const net::Folder& downloads;
    files::SmallFiles written;
    std::shared_ptr<files::NewFolders> new_folders;

    void run(Jobs& jobs);
    void look(Job& job, Looks& looks);
    void copy_same(Job& job, Looks& looks);
    void write(Job& job);
  };

  net::Workers& workers_;
  unsigned tasks_allowed_;
  StoreListener& listener_;
  std::shared_ptr<Disk> disk_;
  std::map<TransferId, FilePtr> files_;
  StandingFiles placed_lately_;
  std::deque<Job> jobs_;
  std::vector<FilePtr> to_place_;
  unsigned tasks_ = 0;
  bool placing_ = false;
};

}  // namespace peer
