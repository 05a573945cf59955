// SPDX-License-Identifier: MIT
#include "peer/store.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "net/check.h"
#include "peer/files/finish_together.h"

namespace peer {
namespace {

/// A power cut costs at most about what was written since the last checkpoint; a checkpoint costs a sync.
constexpr std::uint64_t kCheckpointBytes = std::uint64_t{256} << 20;
constexpr net::Duration kCheckpointTime = std::chrono::seconds(5);
/// The first one, which holds the chunk hashes, makes that a kill costs nothing at all. It is made at once, but for a
/// file up to this length, which is mostly there before that would pay: when it has been under way for a while.
constexpr std::uint64_t kMediumFile = std::uint64_t{8} << 20;
constexpr net::Duration kFirstCheckpointTime = std::chrono::seconds(1);

constexpr std::size_t kRecheckSlice = 32 << 20;

/// What verified chunks are sent from while the rest still comes.
class PartialSource final : public net::SendSource {
 public:
  explicit PartialSource(std::shared_ptr<files::Partial> partial) : partial_(std::move(partial)) {}
  int fd() const override { return partial_->fd(); }

 private:
  std::shared_ptr<files::Partial> partial_;
};

}  // namespace

struct Store::Download {
  TransferId transfer = 0;
  files::ContentId id;
  std::shared_ptr<files::Partial> partial;
  files::ChunkSet have;                 ///< Written or verified.
  unsigned tasks = 0;                   ///< On the workers now.
  unsigned rechecks = 0;                ///< Of those, hashing what an earlier run left.
  std::deque<std::uint32_t> unchecked;  ///< Chunks that it left and that are to be hashed.
  bool checkpointing = false;
  bool gave_back = false;
  std::uint64_t unsynced = 0;                          ///< Bytes written since the last checkpoint.
  net::TimePoint checkpointed_at = net::Clock::now();  ///< Or opened.
  bool recorded = false;                               ///< There is a checkpoint.
  std::optional<FinishStore> finish;
  bool finishing = false;  ///< On its way to its name, or there.
  bool released = false;
};

namespace {

bool is_medium(const files::ContentId& id) { return id.length <= kMediumFile; }

std::uint64_t bytes_missing(const files::ContentId& id, const files::ChunkSet& have) {
  const std::uint64_t there = std::uint64_t{have.count()} * files::chunk_grid(id.length).chunk_size;
  return id.length - std::min(id.length, there);
}

}  // namespace

Store::Store(net::Workers& workers, const net::Folder& partial, const net::Folder& downloads, unsigned threads,
             Listener& listener)
    : workers_(workers),
      partial_folder_(partial),
      downloads_folder_(downloads),
      threads_(threads),
      listener_(listener),
      opener_(partial, downloads, new_folders_),
      small_(workers, partial, downloads, threads, listener, new_folders_) {}

Store::~Store() = default;

// --- opening ---

void Store::open(const OpenStore& action) {
  if (SmallStore::takes(action.id)) return small_.open(action);
  // Its last sync may still be under way, and the partial file is one's at a time.
  if (settling(action.id)) return postponed_.push_back(action);
  auto download = std::make_shared<Download>();
  download->transfer = action.transfer;
  download->id = action.id;
  download->have = files::ChunkSet(files::chunk_grid(action.id.length).count());
  downloads_[action.transfer] = download;
  ++download->tasks;
  OpenStore wanted = action;
  if (auto same = placed_lately_.find(action.id)) wanted.same = std::move(same);
  workers_.submit([opener = opener_, wanted = std::move(wanted)] { return opener.open(wanted); },
                  [this, download, folder = action.folder](PartialOpener::Opened result) {
                    --download->tasks;
                    if (result.already_there) placed_lately_.put(download->id, folder, *result.already_there);
                    opened(download, std::move(result));
                  });
}

bool Store::settling(const files::ContentId& id) const {
  return std::any_of(downloads_.begin(), downloads_.end(),
                     [&](const auto& entry) { return entry.second->released && entry.second->id == id; });
}

/// Nothing is under way for it any more.
void Store::forget(const DownloadPtr& download) {
  if (downloads_.erase(download->transfer) == 0) return;
  // What it was offered from may be in use for some time yet.
  if (download->partial) download->partial->unlock();
  const auto next = std::find_if(postponed_.begin(), postponed_.end(),
                                 [&](const OpenStore& action) { return action.id == download->id; });
  if (next == postponed_.end()) return;
  const OpenStore action = *next;
  postponed_.erase(next);
  open(action);
}

void Store::opened(const DownloadPtr& download, PartialOpener::Opened result) {
  if (!result.partial) {
    StoreOpened answer;
    answer.error = std::move(result.error);
    answer.already_there = std::move(result.already_there);
    listener_.store_opened(download->transfer, std::move(answer));
    return settle(download);
  }
  download->partial = std::move(result.partial);
  if (!download->released && result.same) {
    copy(download, std::make_shared<files::LocalCopy>(download->partial, std::move(result.same)));
  } else if (!download->released && download->partial->has_layer() && !download->partial->claimed().empty()) {
    recheck(download);
  } else {
    tell_opened(download);
    reserve_more(download);
    settle(download);
  }
}

/// In slices, so that a large file does not keep a worker from other work, on several workers.
void Store::recheck(const DownloadPtr& download) {
  download->partial->claimed().for_each([&](std::uint32_t chunk) { download->unchecked.push_back(chunk); });
  for (unsigned i = 0; i < threads_; ++i) recheck_slice(download);
}

void Store::recheck_slice(const DownloadPtr& download) {
  const std::size_t chunks = std::min(download->unchecked.size(), kRecheckSlice / download->partial->grid().chunk_size);
  if (chunks == 0) return;
  const auto end = download->unchecked.begin() + static_cast<std::ptrdiff_t>(chunks);
  std::vector<std::uint32_t> slice(download->unchecked.begin(), end);
  download->unchecked.erase(download->unchecked.begin(), end);
  ++download->tasks;
  ++download->rechecks;
  auto hash = [partial = download->partial, slice = std::move(slice)] {
    std::vector<std::uint32_t> right;
    std::copy_if(slice.begin(), slice.end(), std::back_inserter(right),
                 [&](std::uint32_t chunk) { return partial->recheck(chunk); });
    return right;
  };
  workers_.submit(std::move(hash), [this, download](const std::vector<std::uint32_t>& right) {
    --download->tasks;
    --download->rechecks;
    for (std::uint32_t chunk : right) download->have.set(chunk);
    if (!download->released) recheck_slice(download);
    if (download->rechecks > 0) {
      const std::uint64_t bytes = download->id.length - bytes_missing(download->id, download->have);
      return listener_.store_opening(download->transfer, {false, bytes});
    }
    tell_opened(download);
    settle(download);
  });
}

void Store::copy(const DownloadPtr& download, const std::shared_ptr<files::LocalCopy>& from) {
  ++download->tasks;
  workers_.submit([from] { return from->run(); },
                  [this, download, from](bool more) {
                    --download->tasks;
                    if (more && !download->released) {
                      listener_.store_opening(download->transfer, {from->copies(), from->bytes()});
                      return copy(download, from);
                    }
                    download->have = from->have();
                    download->unsynced += from->written();
                    tell_opened(download);
                    if (!download->have.full()) reserve_more(download);
                    settle(download);
                  });
}

void Store::tell_opened(const DownloadPtr& download) {
  StoreOpened result;
  result.have = download->have;
  if (download->partial->has_layer()) result.layer = download->partial->layer();
  result.source = std::make_shared<PartialSource>(download->partial);
  listener_.store_opened(download->transfer, std::move(result));
}

/// One part after the other, so that what comes meanwhile is written between them.
void Store::reserve_more(const DownloadPtr& download) {
  if (download->released || download->finish || !download->partial->reserves_more()) return;
  ++download->tasks;
  workers_.submit(
      [partial = download->partial] {
        partial->reserve_more();
        return true;
      },
      [this, download](bool) {
        --download->tasks;
        reserve_more(download);
        settle(download);
      });
}

// --- chunks ---

void Store::set_layer(SetLayer action) {
  auto found = downloads_.find(action.transfer);
  if (found == downloads_.end() || !found->second->partial || found->second->released) return;
  // The node has checked it against the root; nothing on the workers looks at the layer before this.
  CHECK(found->second->partial->set_layer(std::move(action.layer)));
  if (!is_medium(found->second->id)) maybe_checkpoint(found->second, true);
}

void Store::store(StoreChunk action) {
  if (small_.has(action.transfer)) return small_.store(std::move(action));
  DownloadPtr download = downloads_.at(action.transfer);
  ++download->tasks;
  struct Written {
    files::Partial::WriteResult result;
    Buffer data;
  };
  auto write = [partial = download->partial, chunk = action.chunk, data = std::move(action.data)]() mutable {
    files::Partial::WriteResult result = partial->verify_and_write(chunk, data.bytes());
    return Written{result, std::move(data)};
  };
  workers_.submit(std::move(write), [this, download, chunk = action.chunk](Written written) {
    --download->tasks;
    ChunkStored answer;
    answer.chunk = chunk;
    switch (written.result) {
      case files::Partial::WriteResult::kWritten:
        answer.outcome = ChunkStored::Outcome::kWritten;
        download->have.set(chunk);
        download->unsynced += written.data.size;
        break;
      case files::Partial::WriteResult::kBadHash:
        answer.outcome = ChunkStored::Outcome::kBadHash;
        break;
      case files::Partial::WriteResult::kNoSpace:
        answer.outcome = ChunkStored::Outcome::kNoSpace;
        answer.error =
            files::describe_full_disk(bytes_missing(download->id, download->have), partial_folder_.free_space());
        break;
      case files::Partial::WriteResult::kIoError:
        answer.outcome = ChunkStored::Outcome::kFailed;
        answer.error = "writing the partial file failed: " + download->partial->error().message();
        break;
    }
    answer.data = std::move(written.data);
    listener_.chunk_stored(download->transfer, std::move(answer));
    maybe_checkpoint(download, false);
    settle(download);
  });
}

bool Store::maybe_checkpoint(const DownloadPtr& download, bool at_once) {
  // What is about to be finished needs none, unless it is put down before that.
  bool finishing = download->finish && !download->released;
  if (download->checkpointing || finishing || !download->partial->has_layer()) return false;
  net::TimePoint now = net::Clock::now();
  const net::Duration interval = download->recorded ? kCheckpointTime : kFirstCheckpointTime;
  bool due =
      download->unsynced >= kCheckpointBytes || (download->unsynced > 0 && now - download->checkpointed_at >= interval);
  if (!at_once && !due) return false;
  download->checkpointing = true;
  download->recorded = true;
  download->unsynced = 0;
  download->checkpointed_at = now;
  ++download->tasks;
  workers_.submit([partial = download->partial, have = download->have] { return partial->checkpoint(have).ok(); },
                  [this, download](bool) {
                    // A failure shows itself at the next write or at the end, with its reason.
                    --download->tasks;
                    download->checkpointing = false;
                    settle(download);
                  });
  return true;
}

// --- the end ---

void Store::finish(FinishStore action) {
  if (small_.has(action.transfer)) return small_.finish(action);
  DownloadPtr download = downloads_.at(action.transfer);
  download->finish = std::move(action);
  settle(download);
}

void Store::release(const ReleaseStore& action) {
  if (small_.has(action.transfer)) return small_.release(action);
  std::erase_if(postponed_, [&](const OpenStore& waiting) { return waiting.transfer == action.transfer; });
  auto found = downloads_.find(action.transfer);
  if (found == downloads_.end()) return;
  DownloadPtr download = found->second;
  download->released = true;
  if (!download->finishing && download->partial && download->unsynced > 0) maybe_checkpoint(download, true);
  settle(download);
}

void Store::settle(const DownloadPtr& download) {
  if (download->tasks > 0) return;
  if (download->finish && !download->finishing && !download->released) {
    ++download->tasks;
    download->finishing = true;
    // The others need not wait until a large one is on the disk.
    if (!is_medium(download->id)) return submit_finishing({download});
    return to_finish_.push_back(download);
  }
  if (download->released) {
    bool unsaved = !download->finishing && download->partial && download->unsynced > 0;
    if (unsaved && maybe_checkpoint(download, true)) return;
    if (give_back(download)) return;
    forget(download);
  }
}

/// What was reserved for a download that is put down is there for others, or whoever pushes a large file and sends
/// nothing of it would have the disk (threat T31). True: it is under way.
bool Store::give_back(const DownloadPtr& download) {
  if (download->finishing || !download->partial || download->gave_back) return false;
  download->gave_back = true;
  ++download->tasks;
  workers_.submit(
      [partial = download->partial, have = download->have] {
        partial->give_back(have);
        return true;
      },
      [this, download](bool) {
        --download->tasks;
        settle(download);
      });
  return true;
}

void Store::flush() {
  small_.flush();
  if (finishing_ || to_finish_.empty()) return;
  finishing_ = true;
  submit_finishing(std::exchange(to_finish_, {}));
}

void Store::submit_finishing(std::vector<DownloadPtr> batch) {
  std::vector<files::Finishing> files;
  for (const DownloadPtr& download : batch) {
    const FinishStore& wanted = *download->finish;
    files.push_back({download->partial.get(), {wanted.folder, wanted.path}, {wanted.mtime_s, wanted.mode}});
  }
  // The downloads hold what the worker uses for as long as the tasks are there.
  workers_.submit(
      [files = std::move(files), &downloads = downloads_folder_] { return files::finish_together(files, downloads); },
      [this, batch = std::move(batch)](const std::vector<files::Placed>& results) {
        if (is_medium(batch.front()->id)) finishing_ = false;
        for (std::size_t i = 0; i < batch.size(); ++i) finished(batch[i], results[i]);
      });
}

void Store::finished(const DownloadPtr& download, const files::Placed& result) {
  --download->tasks;
  StoreFinished answer;
  files::HashedContent content;
  net::FileStatus file;
  if (result) {
    answer.path = result->path;
    answer.already_there = result->already_here;
    file = result->status;
    content = {download->id, download->partial->layer()};
    placed_lately_.put(download->id, download->finish->folder, answer.path);
  } else {
    answer.error = "the file cannot be given its name: " + result.error().message() + "; what was fetched is kept";
  }
  listener_.store_finished(download->transfer, std::move(answer), download->finish->folder, file, std::move(content));
  settle(download);
}

}  // namespace peer
