// SPDX-License-Identifier: MIT
#include "peer/files/finish_together.h"

#include <cerrno>

namespace peer::files {
namespace {

using net::Failure;

/// What fails shows in the download's error().
void sync_data(const std::vector<Finishing>& batch) {
  // If the file system has lost something, each file tells whether it was of its own.
  if (batch.size() > kFewFiles && sync_file_system(batch.front().partial->folder())) return;
  for (const Finishing& file : batch) static_cast<void>(file.partial->sync().ok());
}

Placed give_name(const Finishing& file, TargetFolders& folders) {
  const Partial& partial = *file.partial;
  if (partial.error().code != 0) return Failure{partial.error()};
  const auto target = folders.find(file.to.folder, file.to.path, true);
  if (!target) return Failure{target.error()};
  auto placed =
      take_free_name(partial.folder(), partial_name(partial.id()), *target->folder, target->name, partial.id());
  if (!placed && placed.error().code == EXDEV) {
    placed = copy_into(partial.fd(), partial.id(), *target->folder, target->name, file.attributes);
  } else if (placed && !placed->already_here) {
    // After the name, because a file that its owner may not write could not be resumed.
    set_mode(partial.fd(), file.attributes.mode);
  }
  if (!placed) return placed;
  const auto status = target->folder->status(placed->path);
  if (!status) return Failure{status.error()};
  placed->status = *status;
  placed->path = target->prefix + placed->path;
  return placed;
}

}  // namespace

std::vector<Placed> finish_together(const std::vector<Finishing>& batch, const net::Folder& downloads) {
  std::vector<Destination> wanted;
  wanted.reserve(batch.size());
  for (const Finishing& file : batch) {
    set_mtime(file.partial->fd(), file.attributes.mtime_s);
    wanted.push_back(file.to);
  }
  sync_data(batch);
  TargetFolders folders(downloads);
  std::vector<Placed> results;
  results.reserve(batch.size());
  for (const Finishing& file : batch) results.push_back(give_name(file, folders));
  sync_names(wanted, folders, results);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    // What cannot be removed is only untidy.
    if (results[i]) batch[i].partial->discard();
  }
  return results;
}

}  // namespace peer::files
