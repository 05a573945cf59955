// SPDX-License-Identifier: MIT
#include "peer/small_store.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "net/digest.h"
#include "peer/files/finish.h"
#include "peer/files/merkle.h"
#include "peer/files/partial.h"

namespace peer {
namespace {

constexpr std::size_t kJobsPerTask = 128;

bool has_the_content(net::ByteView bytes, const files::ContentId& id) {
  thread_local net::Sha256Hasher hasher;
  return bytes.size() == id.length && files::hash_chunk(hasher, bytes, files::chunk_grid(id.length)) == id.root;
}

}  // namespace

SmallStore::SmallStore(net::Workers& workers, const net::Folder& partial, const net::Folder& downloads, unsigned tasks,
                       StoreListener& listener, std::shared_ptr<files::NewFolders> new_folders)
    : workers_(workers),
      tasks_allowed_(tasks),
      listener_(listener),
      disk_(new Disk{partial, downloads, files::SmallFiles(partial), std::move(new_folders)}) {}

SmallStore::~SmallStore() = default;

// --- what the node asks for ---

void SmallStore::open(const OpenStore& action) {
  auto file = std::make_shared<File>();
  file->wanted = action;
  files_[action.transfer] = file;
  Job& look = enqueue(Job::Kind::kLook, file);
  // An empty one is written more easily, and has no hash.
  if (action.id.length == 0) return;
  look.same = placed_lately_.find(action.id);
  if (!look.same) look.same = action.same;
}

void SmallStore::store(StoreChunk action) {
  enqueue(Job::Kind::kWrite, files_.at(action.transfer), std::move(action.data));
}

void SmallStore::finish(const FinishStore& action) {
  const FilePtr& file = files_.at(action.transfer);
  file->wanted.folder = action.folder;
  file->wanted.path = action.path;
  file->finishing = true;
  if (file->written) {
    to_place_.push_back(file);
  } else if (file->wanted.id.length == 0) {
    enqueue(Job::Kind::kWrite, file);  // It has had no chunk that could have been written.
  }
}

void SmallStore::release(const ReleaseStore& action) {
  FilePtr file = files_.at(action.transfer);
  file->released = true;
  settle(file);
}

SmallStore::Job& SmallStore::enqueue(Job::Kind kind, const FilePtr& file, Buffer data) {
  ++file->jobs;
  Job job;
  job.kind = kind;
  job.file = file;
  job.data = std::move(data);
  return jobs_.emplace_back(std::move(job));
}

/// A file that was let go of is forgotten when nothing is under way for it; what was written of it goes too.
void SmallStore::settle(const FilePtr& file) {
  if (!file->released || file->jobs > 0) return;
  if (file->written && !file->placed) {
    // One that waits to be placed is not: its place in the list is taken back.
    std::erase(to_place_, file);
    file->placed = true;
    enqueue(Job::Kind::kRemove, file);
    return;
  }
  files_.erase(file->wanted.transfer);
}

// --- on the workers ---

void SmallStore::flush() {
  while (tasks_ < tasks_allowed_ && !jobs_.empty()) submit_jobs();
  if (!placing_ && !to_place_.empty()) submit_placing();
}

void SmallStore::submit_jobs() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(jobs_.size(), kJobsPerTask));
  auto jobs =
      std::make_shared<Jobs>(std::make_move_iterator(jobs_.begin()), std::make_move_iterator(jobs_.begin() + count));
  jobs_.erase(jobs_.begin(), jobs_.begin() + count);
  ++tasks_;
  workers_.submit([disk = disk_, jobs] { disk->run(*jobs); },
                  [this, jobs] {
                    --tasks_;
                    for (Job& job : *jobs) take_up(job);
                  });
}

void SmallStore::Disk::run(Jobs& jobs) {
  const bool any = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.kind == Job::Kind::kLook; });
  Looks looks{files::TargetFolders(downloads), any ? partial.free_space() : 0, {}};
  for (Job& job : jobs) {
    switch (job.kind) {
      case Job::Kind::kLook:
        look(job, looks);
        break;
      case Job::Kind::kWrite:
        write(job);
        break;
      case Job::Kind::kRemove:
        written.remove(job.file->wanted.transfer);
        break;
    }
  }
}

/// Whether the content stands there already, and if not, whether there is room for it: `looks.space` is what is left.
void SmallStore::Disk::look(Job& job, Looks& looks) {
  const OpenStore& wanted = job.file->wanted;
  if (const auto target = looks.folders.find(wanted.folder, wanted.path, false)) {
    job.already_there = files::find_finished(*target->folder, target->name, wanted.id);
    if (job.already_there) job.already_there = target->prefix + *job.already_there;
  } else if (wanted.pushed) {
    new_folders->look_above(downloads, wanted.path);
  }
  if (job.already_there) return;
  if (!wanted.folder.empty()) {
    auto [tried, is_new] = looks.tried.try_emplace(wanted.folder);
    if (is_new) tried->second = files::try_writing(wanted.folder);
    if (!tried->second) {
      job.error = "nothing can be written to " + wanted.folder + ": " + tried->second.error().message();
      return;
    }
  }
  if (wanted.id.length > looks.space) {
    job.error = files::describe({files::PartialError::Kind::kNoSpace, {ENOSPC}, wanted.id.length, looks.space});
    return;
  }
  looks.space -= wanted.id.length;
  if (job.same) copy_same(job, looks);
}

/// Writes the file from one that has, or had, the same content. Where that cannot be done it is to be fetched.
void SmallStore::Disk::copy_same(Job& job, Looks& looks) {
  const OpenStore& wanted = job.file->wanted;
  const auto target = looks.folders.find(job.same->folder, job.same->path, false);
  if (!target) return;
  const auto content = target->folder->read_all(target->name, static_cast<std::size_t>(wanted.id.length));
  if (!content || !has_the_content(net::as_bytes(*content), wanted.id)) return;
  const auto status = written.write(wanted.transfer, net::as_bytes(*content), wanted.mtime_s, wanted.mode);
  if (!status) return;
  job.status = *status;
  job.outcome = ChunkStored::Outcome::kWritten;
}

void SmallStore::Disk::write(Job& job) {
  const OpenStore& wanted = job.file->wanted;
  if (wanted.id.length > 0 && !has_the_content(job.data.bytes(), wanted.id)) {
    job.outcome = ChunkStored::Outcome::kBadHash;
    return;
  }
  const auto status = written.write(wanted.transfer, job.data.bytes(), wanted.mtime_s, wanted.mode);
  if (status) {
    job.status = *status;
    job.outcome = ChunkStored::Outcome::kWritten;
    return;
  }
  const int code = status.error().code;
  job.outcome = code == ENOSPC || code == EDQUOT ? ChunkStored::Outcome::kNoSpace : ChunkStored::Outcome::kFailed;
  job.error = job.outcome == ChunkStored::Outcome::kNoSpace
                  ? files::describe_full_disk(wanted.id.length, partial.free_space())
                  : "writing the file failed: " + status.error().message();
}

// --- what came of it ---

void SmallStore::take_up(Job& job) {
  const FilePtr& file = job.file;
  --file->jobs;
  const TransferId transfer = file->wanted.transfer;
  if (job.kind == Job::Kind::kLook) {
    StoreOpened answer;
    answer.error = std::move(job.error);
    if (job.already_there) placed_lately_.put(file->wanted.id, file->wanted.folder, *job.already_there);
    answer.already_there = std::move(job.already_there);
    if (answer.error.empty() && !answer.already_there) {
      answer.have = files::ChunkSet(files::chunk_grid(file->wanted.id.length).count());
      file->written = job.outcome == ChunkStored::Outcome::kWritten;
      file->status = job.status;
      if (file->written) answer.have.set(0);
    }
    listener_.store_opened(transfer, std::move(answer));
  }
  if (job.kind == Job::Kind::kWrite) {
    file->written = job.outcome == ChunkStored::Outcome::kWritten;
    file->status = job.status;
    if (file->written && file->finishing && !file->released) to_place_.push_back(file);
    if (file->wanted.id.length > 0) {
      ChunkStored answer;
      answer.outcome = job.outcome;
      answer.error = std::move(job.error);
      answer.data = std::move(job.data);
      listener_.chunk_stored(transfer, std::move(answer));
    } else if (!file->written) {
      StoreFinished answer;
      answer.error = std::move(job.error);
      listener_.store_finished(transfer, std::move(answer), file->wanted.folder, {}, {});
    }
  }
  settle(file);
}

void SmallStore::submit_placing() {
  placing_ = true;
  auto files = std::make_shared<std::vector<FilePtr>>(std::exchange(to_place_, {}));
  std::vector<files::SmallFiles::Placing> batch;
  for (const FilePtr& file : *files) {
    ++file->jobs;
    const OpenStore& wanted = file->wanted;
    batch.push_back({wanted.transfer, wanted.id, {wanted.folder, wanted.path}, file->status});
  }
  workers_.submit([disk = disk_, batch = std::move(batch)] { return disk->written.place(batch, disk->downloads); },
                  [this, files](const std::vector<files::Placed>& results) {
                    placing_ = false;
                    for (std::size_t i = 0; i < files->size(); ++i) placed((*files)[i], results[i]);
                  });
}

void SmallStore::placed(const FilePtr& file, const files::Placed& result) {
  --file->jobs;
  file->placed = true;
  StoreFinished answer;
  files::HashedContent content;
  net::FileStatus status;
  if (result) {
    answer.path = result->path;
    answer.already_there = result->already_here;
    status = result->status;
    content.id = file->wanted.id;
    if (content.id.length > 0) content.layer = {content.id.root};
    placed_lately_.put(content.id, file->wanted.folder, answer.path);
  } else {
    answer.error = "the file cannot be given its name: " + result.error().message();
  }
  listener_.store_finished(file->wanted.transfer, std::move(answer), file->wanted.folder, status, std::move(content));
  settle(file);
}

}  // namespace peer
