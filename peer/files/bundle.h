// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/workers.h"
#include "peer/files/push_contents.h"
#include "peer/files/share.h"
#include "peer/files/share_tasks.h"

namespace peer::files {

/// Files and folders that the user named, walked and hashed once, on workers, to be sent from where they are. A file is
/// pushed under its own name, a folder's contents under the folder's. What is left out is what a Share leaves out:
/// symlinks (but one that was named itself is followed), devices, sockets, FIFOs (T28), names that begin with '.' (T27)
/// and names that are no clean paths.
///
/// It belongs to the loop's thread.
class Bundle final : public PushContents, public std::enable_shared_from_this<Bundle> {
 public:
  /// Begins at once. `paths`: absolute, or relative to the current folder. `index` may be null. Both must outlive it
  /// and the workers' tasks.
  static std::shared_ptr<Bundle> begin(net::Workers& workers, Index* index, std::vector<std::string> paths,
                                       unsigned max_tasks);
  ~Bundle() override { source_->stop = true; }

  bool ready() const override { return ready_; }
  Progress progress() const override;
  const std::string& error() const override { return error_; }
  const std::vector<CatalogEntry>& entries() const override { return entries_; }
  const std::vector<LeftOut>& left_out() const override { return left_out_; }
  const std::string& changed() const override { return changed_; }

  // As in Share:
  bool has(const ContentId& id) const { return contents_.contains(id); }
  /// A path that the content is pushed under; empty where it is not.
  std::string path_of(const ContentId& id) const {
    const auto found = contents_.find(id);
    return found == contents_.end() ? std::string() : files_[found->second.file].path;
  }
  std::shared_ptr<const OpenFile> open(const ContentId& id);
  std::shared_ptr<const std::vector<Hash>> layer(const ContentId& id) const;

 private:
  Bundle(net::Workers& workers, Index* index, unsigned max_tasks);

  struct Found {
    Place place;
    std::string path;  ///< Under which it is pushed.
    net::FileStatus status;
  };
  struct Walk {
    std::string error;
    std::vector<Found> files;
    std::vector<CatalogEntry> folders;
    std::vector<LeftOut> left_out;
  };
  // On a worker.
  static Walk walk(ShareSource& source, const std::vector<std::string>& paths);
  static void add_named(ShareSource& source, const std::string& path, Walk& walk);
  static void add_folder(const ShareSource& source, const Place& place, const std::string& path, Walk& walk);

  void walked(Walk walk);
  void submit_some();
  void submit(const std::shared_ptr<HashBatch>& batch);
  void take_up(const HashBatch::Outcome& outcome);
  void end_when_done();

  net::Workers& workers_;
  unsigned max_tasks_;
  std::shared_ptr<ShareSource> source_;
  std::vector<Found> files_;
  std::size_t next_ = 0;  ///< Of files_, to be hashed.
  unsigned tasks_ = 0;
  std::uint64_t bytes_total_ = 0;

  bool ready_ = false;
  std::string error_;
  std::string changed_;
  std::vector<CatalogEntry> entries_;
  std::vector<LeftOut> left_out_;
  struct Content {
    std::size_t file;  ///< Of files_.
    std::shared_ptr<const HashedContent> hashed;
    std::weak_ptr<const OpenFile> open;
  };
  std::map<ContentId, Content> contents_;
};

}  // namespace peer::files
