// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/files.h"
#include "net/time.h"
#include "net/workers.h"
#include "peer/actions.h"
#include "peer/files/finish.h"
#include "peer/files/local_copy.h"
#include "peer/files/new_folders.h"
#include "peer/files/partial.h"
#include "peer/partial_opener.h"
#include "peer/small_store.h"
#include "peer/store_listener.h"

namespace peer {

/// Carries out the node's actions on files that come, on the workers: those of several chunks as partial files, those
/// of one together (SmallStore). Files of a few MiB that are complete get their names together, as a sync for each
/// would cost more than the file. What stands on this host, or was placed or found lately, is copied from there. It
/// belongs to the loop's thread; answers come from within Workers::on_readable.
class Store {
 public:
  using Listener = StoreListener;

  /// Everything given must outlive the store, the folders also the workers. `threads`: on how many workers what an
  /// earlier run left is hashed.
  Store(net::Workers& workers, const net::Folder& partial, const net::Folder& downloads, unsigned threads,
        Listener& listener);
  ~Store();

  /// A content that an earlier transfer is still putting down is opened when that is done.
  void open(const OpenStore& action);
  void set_layer(SetLayer action);
  void store(StoreChunk action);
  void finish(FinishStore action);
  void release(const ReleaseStore& action);
  /// To be called when there are no more actions for now: what goes to the workers together does.
  void flush();

  /// Folders of downloads/ that were not there before what was pushed. Also for the workers.
  files::NewFolders& new_folders() const { return *new_folders_; }

  /// True when nothing is under way and no partial file is open.
  bool idle() const { return downloads_.empty() && postponed_.empty() && small_.idle(); }

 private:
  struct Download;
  using DownloadPtr = std::shared_ptr<Download>;

  bool settling(const files::ContentId& id) const;
  void forget(const DownloadPtr& download);
  void opened(const DownloadPtr& download, PartialOpener::Opened result);
  void recheck(const DownloadPtr& download);
  void recheck_slice(const DownloadPtr& download);
  void copy(const DownloadPtr& download, const std::shared_ptr<files::LocalCopy>& from);
  void tell_opened(const DownloadPtr& download);
  void reserve_more(const DownloadPtr& download);
  /// True when a checkpoint has been begun.
  bool maybe_checkpoint(const DownloadPtr& download, bool now);
  bool give_back(const DownloadPtr& download);
  void settle(const DownloadPtr& download);
  void submit_finishing(std::vector<DownloadPtr> batch);
  void finished(const DownloadPtr& download, const files::Placed& result);

  net::Workers& workers_;
  const net::Folder& partial_folder_;
  const net::Folder& downloads_folder_;
  unsigned threads_;
  Listener& listener_;
  std::map<TransferId, DownloadPtr> downloads_;
  std::vector<OpenStore> postponed_;    ///< Their content is being put down by an earlier transfer.
  std::vector<DownloadPtr> to_finish_;  ///< Together, when those before them are.
  bool finishing_ = false;              ///< Those before them are on a worker.
  StandingFiles placed_lately_;
  std::shared_ptr<files::NewFolders> new_folders_ = std::make_shared<files::NewFolders>();
  PartialOpener opener_;
  SmallStore small_;
};

}  // namespace peer
