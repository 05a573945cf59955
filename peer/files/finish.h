// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/files.h"
#include "net/result.h"
#include "peer/files/attributes.h"
#include "peer/files/content_id.h"
#include "peer/files/target_folders.h"

/// The last steps of a download: giving complete files their names, several at a time. All may block.
namespace peer::files {

/// Up to so many files are synced one by one; from then on the whole file system costs less.
inline constexpr std::size_t kFewFiles = 4;

/// Where a file is to stand.
struct Destination {
  std::string folder;  ///< Absolute; "" for downloads/.
  std::string path;    ///< Clean path beneath it; its folders are made.
};

/// Where a file stands now.
struct Finished {
  std::string path;           ///< Beneath the folder: the path that was wanted or a free one like "name (2).ext".
  bool already_here = false;  ///< The same content was there before; nothing was added.
  net::FileStatus status;     ///< Of the file at `path`.
};
using Placed = net::Result<Finished, net::SystemError>;

/// The name under which a content is kept while it is not complete: "<root hex>-<length>".
std::string partial_name(const ContentId& id);

/// True when the file stands there, has the content and can be read. Reads all of it where the length is right.
bool has_content(const net::Folder& folder, const std::string& path, const ContentId& id);

/// Where the content stands already in `target`: at `path`, or at the next names that take_free_name() would try;
/// nothing when it does not. Reads whole files of the right length, so it may take long.
std::optional<std::string> find_finished(const net::Folder& target, const std::string& path, const ContentId& id);

/// `path` with " (n)" before its last extension: "a/b.tar.gz", 2 -> "a/b.tar (2).gz". A name that becomes longer than
/// 255 bytes loses the end of its stem, at a character's boundary.
std::string numbered_name(const std::string& path, unsigned n);

/// Makes a file in the folder, which is made too where it is missing, and removes it: what is in the way shows itself
/// before anything is fetched.
net::Result<void, net::SystemError> try_writing(const std::string& folder);

/// Renames the file `name` in `from` to the first free one of the names `wanted`, "wanted (2)"... in `target`, unless
/// the content stands at one of them: then nothing is renamed. Never overwrites. `status` is not set. EXDEV: another
/// file system.
Placed take_free_name(const net::Folder& from, const std::string& name, const net::Folder& target,
                      const std::string& wanted, const ContentId& id);

/// For a target on another file system: a hidden copy beside the final name, verified on the way and durable, takes the
/// free name.
Placed copy_into(int fd, const ContentId& id, const net::Folder& target, const std::string& wanted,
                 const Attributes& attributes);

/// Makes names durable that files were given: folder by folder those of a few, otherwise by one sync of each file
/// system that got some. Results are in the order of `wanted`; those that it fails for become failures.
void sync_names(const std::vector<Destination>& wanted, TargetFolders& folders, std::vector<Placed>& results);

/// syncfs of the file system that holds `folder`: makes a batch of finished files durable.
net::Result<void, net::SystemError> sync_file_system(const net::Folder& folder);

}  // namespace peer::files
