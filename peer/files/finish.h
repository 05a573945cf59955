// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/files.h"
#include "net/result.h"
#include "peer/files/content_id.h"
#include "peer/files/partial.h"

/// The steps of giving a complete file its name, shared by Partial and SmallFiles. All may block.
namespace peer::files {

/// The name under which a content is kept while it is not complete: "<root hex>-<length>".
std::string partial_name(const ContentId& id);

/// True when the file stands there, has the content and can be read. Reads all of it where the length is right.
bool has_content(const net::Folder& folder, const std::string& path, const ContentId& id);

/// Renames the file `name` in `from` to the first free one of the names `wanted`, "wanted (2)"... in `target`, unless
/// the content stands at one of them: then nothing is renamed. `status` is not set. EXDEV: another file system.
net::Result<Partial::Finished, net::SystemError> take_free_name(const net::Folder& from, const std::string& name,
                                                                const net::Folder& target, const std::string& wanted,
                                                                const ContentId& id);

/// Renames the synced file `name` in `from`, open as `fd`, to the first free name in `target`; see Partial::finish.
net::Result<Partial::Finished, net::SystemError> move_into(int fd, const net::Folder& from, const std::string& name,
                                                           const ContentId& id, const net::Folder& target,
                                                           const Partial::FinishOptions& options);

/// For a target on another file system: a hidden copy beside the final name, verified on the way, then as above.
net::Result<Partial::Finished, net::SystemError> copy_into(int fd, const ContentId& id, const net::Folder& target,
                                                           const Partial::FinishOptions& options);

/// Makes a file in the folder, which is made too where it is missing, and removes it: what is in the way shows itself
/// before anything is fetched.
net::Result<void, net::SystemError> try_writing(const std::string& folder);

/// Makes the name durable. Folders on the way may be new: each is entered durably in its own parent, or all at once.
net::Result<void, net::SystemError> sync_folders(const net::Folder& target, std::string path);

}  // namespace peer::files
