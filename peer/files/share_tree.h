// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/files.h"
#include "peer/files/catalog.h"
#include "peer/files/merkle.h"
#include "peer/files/place.h"

namespace peer::files {

/// What is known of the folders that are offered, and the catalog that follows from it. Pure: it is told what was seen
/// and what was hashed. Each change costs O(log n).
///
/// A file is offered once its content is known. Where two folders have the same path, the earlier one's is in the
/// catalog; both contents are found by id. A folder is an entry once what is in it has been seen, and its time and mode
/// are known or there is nothing in it.
class ShareTree {
 public:
  using Content = std::shared_ptr<const HashedContent>;

  ShareTree(std::size_t folders, std::uint64_t first_revision) : catalog_(first_revision), folders_(folders) {}

  const Catalog& catalog() const { return catalog_; }

  /// A regular file was seen. Where its content is not known for this very status, and nobody is at it, it is to be
  /// hashed under the ticket returned; an older ticket of it is void. What it was before is no longer offered.
  /// REQUIRES: its parent is known.
  std::optional<std::uint64_t> saw_file(const Place& place, const net::FileStatus& status);
  /// A folder was seen. What is in it is not known yet. REQUIRES: its parent is known.
  void saw_folder(const Place& place);
  /// The time and mode of a folder; means nothing where it is not known.
  void folder_status(const Place& place, const net::FileStatus& status);
  /// All that is in a known folder has been seen: from now on it may be offered itself.
  void listed(const Place& folder);
  /// It is not there any more, nor what was beneath it. Returns the folders among that.
  std::vector<Place> forget(const Place& place);

  bool knows_folder(const Place& place) const;
  /// The known names in a folder.
  std::set<std::string> children(const Place& folder) const;

  /// What the file looked like when `ticket` was given out; nothing when the ticket is void.
  std::optional<net::FileStatus> awaited(const Place& place, std::uint64_t ticket) const;
  /// Ends a ticket with a content, or (null) without: the file is then not offered until it is seen again.
  void hashed(const Place& place, std::uint64_t ticket, Content content);
  /// The file turned out not to be what was hashed.
  void doubt(const Place& place);

  /// Null when it is not offered.
  Content content(const ContentId& id) const;
  /// Where the content is, the earlier folders first.
  std::vector<Place> places(const ContentId& id) const;
  /// The first of them; nothing where there is none.
  std::optional<Place> first_place(const ContentId& id) const;
  /// Null when the place holds no file.
  const net::FileStatus* status(const Place& place) const;

 private:
  struct File {
    net::FileStatus status;
    Content content;           ///< Null while it is not known.
    std::uint64_t ticket = 0;  ///< Under which it is being hashed; 0 when it is not.
  };
  struct Names {
    std::set<std::string> children;
    bool listed = false;
    std::optional<net::FileStatus> status;
  };
  struct OfferedFolder {
    std::map<std::string, File> files;
    std::map<std::string, Names> folders = {{"", {}}};  ///< "" is the top.
  };
  struct Copies {
    Content content;
    std::set<Place> places;
  };

  void add_child(const Place& place);
  void forget_file(const Place& place, File& file);
  void refresh(const std::string& path);
  std::optional<CatalogEntry> entry_at(const OfferedFolder& folder, const std::string& path) const;

  Catalog catalog_;
  std::vector<OfferedFolder> folders_;
  std::map<ContentId, Copies> contents_;
  std::uint64_t last_ticket_ = 0;
};

}  // namespace peer::files
