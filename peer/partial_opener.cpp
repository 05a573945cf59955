// SPDX-License-Identifier: MIT
#include "peer/partial_opener.h"

#include <utility>

#include "peer/files/finish.h"

namespace peer {

PartialOpener::Opened PartialOpener::open(const OpenStore& action) const {
  Opened result;
  result.already_there = find_already_there(action);
  if (result.already_there) return result;
  if (action.pushed) new_folders_->look_above(downloads_, action.path);
  if (!action.folder.empty()) {
    if (auto tried = files::try_writing(action.folder); !tried) {
      result.error = "nothing can be written to " + action.folder + ": " + tried.error().message();
      return result;
    }
  }
  auto partial = files::Partial::open_or_create(partial_, action.id);
  if (partial) {
    result.partial = std::move(*partial);
    if (action.same) result.same = open_same(action);
    // The layer of a share's file is as good as one from a peer: it is checked against the root.
    if (result.same && action.same->layer && !result.partial->has_layer()) {
      static_cast<void>(result.partial->set_layer(*action.same->layer));
    }
  } else {
    result.error = files::describe(partial.error());
  }
  return result;
}

/// What is no regular file of the right length, or not there any more, is no file.
net::Fd PartialOpener::open_same(const OpenStore& action) const {
  files::TargetFolders folders(downloads_);
  const auto target = folders.find(action.same->folder, action.same->path, false);
  if (!target) return {};
  auto file = target->folder->open_read(target->name);
  if (!file) return {};
  const auto status = net::status_of(file->get());
  const bool right = status && status->kind == net::FileKind::kRegular && status->size == action.id.length;
  return right ? std::move(*file) : net::Fd();
}

std::optional<std::string> PartialOpener::find_already_there(const OpenStore& action) const {
  if (action.folder.empty()) return files::find_finished(downloads_, action.path, action.id);
  const auto folder = net::Folder::try_open(action.folder);
  // It may not be there yet.
  return folder ? files::find_finished(*folder, action.path, action.id) : std::nullopt;
}

}  // namespace peer
