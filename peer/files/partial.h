// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/fd.h"
#include "net/files.h"
#include "net/result.h"
#include "peer/files/chunk_set.h"
#include "peer/files/content_id.h"
#include "peer/files/merkle.h"

namespace peer::files {

/// Why a partial download could not be opened.
struct PartialError {
  enum class Kind {
    kBusy,     ///< Another process (or another Partial of this one) is fetching it.
    kNoSpace,  ///< `needed` bytes are missing, `available` are free.
    kSystem,   ///< `system` says why.
  };
  Kind kind = Kind::kSystem;
  net::SystemError system;
  std::uint64_t needed = 0;
  std::uint64_t available = 0;
};

/// What the user is told of it.
std::string describe(const PartialError& error);
/// The same of a disk that is full in the middle of a download, which waits for room.
std::string describe_full_disk(std::uint64_t needed, std::uint64_t available);

/// A download that survives anything: the file `<root hex>-<length>` in a folder of its own (.p2p/partial), and beside
/// it `<root hex>-<length>.state`. A chunk is verified in memory before it is written; the state record claims a chunk
/// only after its data was synced; what a record claims is hashed again before it is believed. So a kill at any moment
/// costs at most what was not written yet, and the final file appears under its name whole or not at all.
///
/// Every call may block: make them on a worker. verify_and_write() and recheck() may run on several threads at once for
/// different chunks, also beside one checkpoint() and one reserve_more(); all others are alone.
class Partial {
 public:
  /// Opens the download of `id` where there is one in `folder`, otherwise begins it. That there is space for what is
  /// missing is checked. `folder` must outlive the result. REQUIRES: id.valid().
  static net::Result<std::unique_ptr<Partial>, PartialError> open_or_create(const net::Folder& folder,
                                                                            const ContentId& id);
  ~Partial();
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;

  /// Where its data is, under partial_name(id()).
  const net::Folder& folder() const { return folder_; }
  const ContentId& id() const { return id_; }
  const ChunkGrid& grid() const { return grid_; }
  /// The data, readable: chunks that were written or rechecked can be sent from it. Stays open.
  int fd() const { return fd_.get(); }

  /// The chunk hashes: from the record, {root} for a file of one chunk, or set here; empty while they are not known.
  const std::vector<Hash>& layer() const { return layer_; }
  bool has_layer() const { return layer_.size() == grid_.count(); }
  /// False, and nothing changes, when it is not the layer of id().
  [[nodiscard]] bool set_layer(std::vector<Hash> layer);

  /// Whether space of a download that was just begun is still to be reserved. Of one of up to 4 MiB none is.
  bool reserves_more() const { return reserved_ < grid_.count(); }
  /// Reserves the next part of it, so that nobody else takes it meanwhile. In parts, because some file systems (tmpfs)
  /// take as long to reserve as to write. Where the file system cannot, or is full now, no more is reserved.
  void reserve_more();

  /// Chunks that may be on disk from an earlier run (the record's claims and whatever data the file holds). Each is to
  /// be passed to recheck() once the layer is known; those that fail are simply missing.
  const ChunkSet& claimed() const { return claimed_; }
  /// Hashes chunk `index` from the disk; true when it is right. A read error is "not right".
  /// REQUIRES: has_layer(), index < grid().count().
  [[nodiscard]] bool recheck(std::uint32_t index) const;

  /// Where the file system can, the data becomes that of the file, which is as long, as it is now: both have the same
  /// blocks until one of them is changed. What of it is right is for recheck() to say. False, and nothing is changed,
  /// where it cannot. REQUIRES: there is nothing in it yet.
  [[nodiscard]] bool clone_from(int fd);

  enum class WriteResult {
    kWritten,
    kBadHash,  ///< The bytes are not this chunk (or have another length); nothing was written. Their sender is to
               ///< blame.
    kNoSpace,  ///< The disk or quota is full; the chunk is missing, everything else is kept. May be tried again later.
    kIoError,  ///< The download has failed (see error()); a new run resumes it.
  };
  /// Verifies the bytes in memory, then writes them at their place. REQUIRES: has_layer(), index < grid().count().
  WriteResult verify_and_write(std::uint32_t index, net::ByteView bytes);

  /// Makes what was written durable (fdatasync), then replaces the state record atomically by one that claims `have`.
  /// REQUIRES: kWritten was returned, or recheck() was true, for each chunk of `have`. A full disk or a lack of
  /// descriptors leaves the old record; a failed sync fails the download for good.
  net::Result<void, net::SystemError> checkpoint(const ChunkSet& have);

  /// Makes all that was written durable (fsync), for finish_together(). A failure fails the download for good.
  net::Result<void, net::SystemError> sync();

  /// The download is put down unfinished: gives back the space that was reserved for chunks that are neither in `have`
  /// nor claimed, and removes data and record when there are none. May take long.
  void give_back(const ChunkSet& have);
  /// Lets others have the download although this object, or what is sent from it, lives on. To be called after the last
  /// change.
  void unlock();
  /// The download is given up, or has its file elsewhere: removes data and record.
  void discard();

  /// Set once a write or sync has failed; from then on nothing is written and every call fails with it.
  net::SystemError error() const { return net::SystemError{error_.load()}; }

 private:
  Partial(const net::Folder& folder, net::Fd fd, const ContentId& id);
  net::Result<void, PartialError> claim_space();
  void remove_torn_records();
  void load_state();
  void claim_data_on_disk();
  bool make_hole(std::uint32_t index);
  net::SystemError fail(net::SystemError error);
  net::Result<void, net::SystemError> sync_by(int (*call)(int));

  const net::Folder& folder_;
  net::Fd fd_;
  ContentId id_;
  ChunkGrid grid_;
  std::string name_;
  std::vector<Hash> layer_;
  ChunkSet claimed_;
  std::uint32_t reserved_ = 0;  ///< Chunks from the start; all where nothing is to be reserved.
  std::mutex holes_mutex_;
  ChunkSet holes_;  ///< Written as holes: not to be reserved.
  std::mutex checkpoint_mutex_;
  std::atomic<int> error_{0};
};

/// The downloads in `folder` that can be resumed. A record whose data is gone, which a kill between the last steps of
/// finish() leaves, is removed.
std::vector<ContentId> list_partials(const net::Folder& folder);

}  // namespace peer::files
