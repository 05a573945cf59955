// SPDX-License-Identifier: MIT
#include "peer/files/partial.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/check.h"
#include "peer/files/finish.h"
#include "peer/files/partial_state.h"

namespace peer::files {
namespace {

using net::Failure;
using net::SystemError;

constexpr std::string_view kStateSuffix = ".state";

/// Reserved in one go: this much, or this many chunks where that is more.
constexpr std::uint64_t kReservedAtOnce = std::uint64_t{8} << 20;
constexpr std::uint32_t kReservedChunks = 8;
/// Up to this length nothing is reserved: the file is mostly written as soon.
constexpr std::uint64_t kLongestUnreserved = std::uint64_t{4} << 20;

bool disk_is_full(int error) { return error == ENOSPC || error == EDQUOT; }

/// What passes by itself, and says nothing about data that was written.
bool is_shortage(int error) { return disk_is_full(error) || error == EMFILE || error == ENFILE || error == ENOMEM; }

bool all_zero(net::ByteView bytes) {
  return bytes.front() == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

net::Sha256Hasher& hasher_of_this_thread() {
  thread_local net::Sha256Hasher hasher;
  return hasher;
}

int allocate(int fd, int mode, std::uint64_t offset, std::uint64_t length) {
  int status = 0;
  do {
    status = ::fallocate(fd, mode, static_cast<off_t>(offset), static_cast<off_t>(length));
  } while (status != 0 && errno == EINTR);
  return status == 0 ? 0 : errno;
}

/// Locks the file against other processes for as long as it is open. 0, or an errno: EWOULDBLOCK when another has it.
int lock(int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
  // Some network file systems have no locks. Two writers of the same verified chunks do each other no harm.
  return errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS ? 0 : errno;
}

struct Opened {
  net::Fd fd;
  bool created = false;
};

/// The locked data file, made where there is none. Its last owner may rename it away between our open and our lock, so
/// it counts only if it still has its name afterwards.
net::Result<Opened, SystemError> open_locked(const net::Folder& folder, const std::string& name) {
  for (int attempt = 0; attempt < 16; ++attempt) {
    auto fd = folder.create(name);
    const bool created = fd.ok();
    if (!created && fd.error().code == EEXIST) fd = folder.open_write(name);
    if (!fd && fd.error().code == ENOENT) continue;
    if (!fd) return Failure{fd.error()};
    if (const int error = lock(fd->get()); error != 0) return net::failed(error);
    const auto named = folder.status(name);
    const auto ours = net::status_of(fd->get());
    if (!ours) return Failure{ours.error()};
    if (!named || named->inode != ours->inode || named->device != ours->device) continue;
    if (ours->kind != net::FileKind::kRegular) return net::failed(EINVAL);
    return Opened{*std::move(fd), created};
  }
  return net::failed(EAGAIN);
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB"; }

}  // namespace

std::string describe_full_disk(std::uint64_t needed, std::uint64_t available) {
  return "the disk that holds the home is full: " + mebibytes(needed) + " more are needed and " + mebibytes(available) +
         " are free; what was fetched is kept, and it goes on when there is room";
}

std::string describe(const PartialError& error) {
  switch (error.kind) {
    case PartialError::Kind::kBusy:
      return "another p2ppeer is fetching it into this folder already";
    case PartialError::Kind::kNoSpace:
      return "not enough space: " + mebibytes(error.needed) + " are needed and " + mebibytes(error.available) +
             " are free; free some and run it again";
    case PartialError::Kind::kSystem:
      break;
  }
  return "the partial file cannot be opened: " + error.system.message();
}

Partial::Partial(const net::Folder& folder, net::Fd fd, const ContentId& id)
    : folder_(folder),
      fd_(std::move(fd)),
      id_(id),
      grid_(chunk_grid(id.length)),
      name_(partial_name(id)),
      claimed_(grid_.count()),
      holes_(grid_.count()) {
  if (grid_.count() == 1) layer_ = {id.root};
}

Partial::~Partial() = default;

net::Result<std::unique_ptr<Partial>, PartialError> Partial::open_or_create(const net::Folder& folder,
                                                                            const ContentId& id) {
  CHECK(id.valid());
  auto opened = open_locked(folder, partial_name(id));
  if (!opened) {
    const auto kind = opened.error().code == EWOULDBLOCK ? PartialError::Kind::kBusy : PartialError::Kind::kSystem;
    return Failure{PartialError{kind, opened.error(), 0, 0}};
  }
  std::unique_ptr<Partial> partial(new Partial(folder, std::move(opened->fd), id));
  if (auto claimed = partial->claim_space(); !claimed) {
    if (opened->created) partial->discard();
    return Failure{claimed.error()};
  }
  if (!opened->created) partial->load_state();
  return partial;
}

/// Checks that the disk has room for what is missing, and gives the file its size.
net::Result<void, PartialError> Partial::claim_space() {
  struct stat found;
  if (::fstat(fd_.get(), &found) != 0) {
    return Failure{PartialError{PartialError::Kind::kSystem, SystemError{errno}, 0, 0}};
  }
  const std::uint64_t allocated = static_cast<std::uint64_t>(found.st_blocks) * 512;
  const std::uint64_t needed = id_.length - std::min(id_.length, allocated);
  const std::uint64_t available = folder_.free_space();
  if (needed > available) {
    return Failure{PartialError{PartialError::Kind::kNoSpace, SystemError{ENOSPC}, needed, available}};
  }
  const bool begun = static_cast<std::uint64_t>(found.st_size) == id_.length;
  if (begun || id_.length <= kLongestUnreserved) reserved_ = grid_.count();
  if (!begun && ::ftruncate(fd_.get(), static_cast<off_t>(id_.length)) != 0) {
    return Failure{PartialError{PartialError::Kind::kSystem, SystemError{errno}, 0, 0}};
  }
  return {};
}

void Partial::reserve_more() {
  const std::uint32_t chunks =
      std::max(kReservedChunks, static_cast<std::uint32_t>(kReservedAtOnce / grid_.chunk_size));
  const std::uint32_t end = std::min(grid_.count(), reserved_ + chunks);
  const std::lock_guard guard(holes_mutex_);
  for (; reserved_ < end; ++reserved_) {
    if (holes_.test(reserved_)) continue;
    if (allocate(fd_.get(), 0, grid_.offset(reserved_), grid_.size(reserved_)) == 0) continue;
    reserved_ = grid_.count();
    return;
  }
}

/// A kill while a record was written leaves the new one beside it, under a name that begins like this.
void Partial::remove_torn_records() {
  const std::string torn = "." + name_ + std::string(kStateSuffix) + ".tmp-";
  const auto entries = folder_.list();
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (entry.name.starts_with(torn)) static_cast<void>(folder_.remove(entry.name).ok());
  }
}

void Partial::load_state() {
  remove_torn_records();
  claim_data_on_disk();
  const auto record = folder_.read_all(name_ + std::string(kStateSuffix), max_partial_state_size());
  if (!record) return;
  auto state = decode_partial_state(net::as_bytes(*record));
  if (!state || state->id != id_) return;
  if (!state->layer.empty()) layer_ = std::move(state->layer);
  claimed_ |= state->have;
}

/// What was written after the last checkpoint, or without any, is worth a look too. Space that was only reserved is a
/// hole to SEEK_DATA.
void Partial::claim_data_on_disk() {
  for (off_t at = 0; static_cast<std::uint64_t>(at) < id_.length;) {
    const off_t data = ::lseek(fd_.get(), at, SEEK_DATA);
    if (data < 0 || static_cast<std::uint64_t>(data) >= id_.length) return;
    const off_t hole = ::lseek(fd_.get(), data, SEEK_HOLE);
    if (hole <= data) return;
    const auto first = static_cast<std::uint32_t>(static_cast<std::uint64_t>(data) / grid_.chunk_size);
    const auto end = std::min(static_cast<std::uint64_t>(hole), id_.length);
    const auto last = static_cast<std::uint32_t>((end - 1) / grid_.chunk_size);
    CHECK(claimed_.set_range({first, last - first + 1}));
    at = static_cast<off_t>(grid_.offset(last) + grid_.chunk_size);
  }
}

bool Partial::set_layer(std::vector<Hash> layer) {
  if (!layer_matches(layer, id_)) return false;
  layer_ = std::move(layer);
  return true;
}

bool Partial::recheck(std::uint32_t index) const {
  CHECK(has_layer() && index < grid_.count());
  const std::uint32_t size = grid_.size(index);
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(size);
  const std::span<std::byte> bytes(buffer.get(), size);
  if (!net::read_exactly(fd_.get(), grid_.offset(index), bytes)) return false;
  return hash_chunk(hasher_of_this_thread(), bytes, grid_) == layer_[index];
}

bool Partial::clone_from(int fd) {
  // Of a file that has grown meanwhile no more is wanted.
  file_clone_range range{fd, 0, id_.length, 0};
  if (::ioctl(fd_.get(), FICLONERANGE, &range) != 0) return false;
  reserved_ = grid_.count();
  return true;
}

Partial::WriteResult Partial::verify_and_write(std::uint32_t index, net::ByteView bytes) {
  CHECK(has_layer() && index < grid_.count());
  if (error_.load() != 0) return WriteResult::kIoError;
  if (bytes.size() != grid_.size(index)) return WriteResult::kBadHash;
  if (hash_chunk(hasher_of_this_thread(), bytes, grid_) != layer_[index]) return WriteResult::kBadHash;
  // A chunk of zeros stays or becomes a hole, so that a sparse file stays sparse.
  if (all_zero(bytes) && make_hole(index)) return WriteResult::kWritten;
  const auto written = net::write_exactly(fd_.get(), grid_.offset(index), bytes);
  if (written) return WriteResult::kWritten;
  if (disk_is_full(written.error().code)) return WriteResult::kNoSpace;
  fail(written.error());
  return WriteResult::kIoError;
}

bool Partial::make_hole(std::uint32_t index) {
  const std::lock_guard guard(holes_mutex_);
  if (allocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, grid_.offset(index), grid_.size(index)) != 0) {
    return false;
  }
  holes_.set(index);
  return true;
}

SystemError Partial::fail(SystemError error) {
  int none = 0;
  error_.compare_exchange_strong(none, error.code);
  return error;
}

net::Result<void, SystemError> Partial::sync_by(int (*call)(int)) {
  if (call(fd_.get()) == 0) return {};
  const SystemError error{errno};
  // The kernel now takes the pages it could not write for clean. Without them a new run reads what the disk really has.
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
  return Failure{fail(error)};
}

net::Result<void, SystemError> Partial::sync() {
  if (error_.load() != 0) return Failure{error()};
  return sync_by(::fsync);
}

net::Result<void, SystemError> Partial::checkpoint(const ChunkSet& have) {
  CHECK(have.size() == grid_.count() && (has_layer() || have.empty()));
  const std::lock_guard guard(checkpoint_mutex_);
  if (error_.load() != 0) return Failure{error()};
  if (auto synced = sync_by(::fdatasync); !synced) return synced;
  const net::Bytes record = encode_partial_state({id_, has_layer() ? layer_ : std::vector<Hash>(), have});
  auto written = folder_.write_atomically(name_ + std::string(kStateSuffix), net::as_text(record), 0600);
  if (!written && !is_shortage(written.error().code)) fail(written.error());
  return written;
}

void Partial::give_back(const ChunkSet& have) {
  ChunkSet keep = have;
  keep |= claimed_;
  if (keep.empty()) return discard();
  for (auto chunk = keep.first_missing(); chunk; chunk = keep.first_missing(*chunk + 1)) {
    // Where the file system cannot, nothing was reserved either.
    if (allocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, grid_.offset(*chunk), grid_.size(*chunk)) !=
        0) {
      return;
    }
  }
}

void Partial::unlock() { ::flock(fd_.get(), LOCK_UN); }

void Partial::discard() {
  // The name may already be gone; and no other process can have made it anew while this one holds the lock.
  static_cast<void>(folder_.remove(name_).ok());
  static_cast<void>(folder_.remove(name_ + std::string(kStateSuffix)).ok());
}

std::vector<ContentId> list_partials(const net::Folder& folder) {
  std::vector<ContentId> found;
  const auto entries = folder.list();
  if (!entries) return found;
  std::string data;  // The last data file seen: a record follows its data in the order of names.
  for (const auto& entry : *entries) {
    const auto dash = entry.name.find('-');
    if (entry.name.ends_with(kStateSuffix)) {
      if (entry.name != data + std::string(kStateSuffix)) static_cast<void>(folder.remove(entry.name).ok());
      continue;
    }
    if (entry.kind != net::FileKind::kRegular || dash == std::string::npos) continue;
    const auto id = ContentId::parse("p2p:" + entry.name.substr(0, dash) + ":" + entry.name.substr(dash + 1));
    if (!id || partial_name(*id) != entry.name) continue;
    data = entry.name;
    found.push_back(*id);
  }
  return found;
}

}  // namespace peer::files
