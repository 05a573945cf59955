// SPDX-License-Identifier: MIT
#include "peer/files/index.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <utility>

#include "net/check.h"
#include "peer/database.h"

namespace peer::files {
namespace {

constexpr std::size_t kBatch = 512;

constexpr Database::Format kFormat{
    "CREATE TABLE hashes(device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT "
    "NULL, root BLOB NOT NULL, layer BLOB NOT NULL, seen_s INTEGER NOT NULL, PRIMARY KEY(device, inode)) WITHOUT ROWID",
    0x70327069,  // "p2pi"
    2, "NORMAL", 2000};

std::int64_t signed_bits(std::uint64_t value) { return static_cast<std::int64_t>(value); }

net::ByteView layer_bytes(const std::vector<Hash>& layer) {
  return {reinterpret_cast<const std::byte*>(layer.data()), layer.size() * sizeof(Hash)};
}

}  // namespace

struct Index::Open {
  Database database;
  Database::Statement find, put, seen, prune, count;

  explicit Open(const std::string& path)
      : database(path, kFormat),
        find(database.prepare("SELECT root, layer FROM hashes WHERE device=? AND inode=? AND size=? AND mtime_ns=?")),
        put(database.prepare("INSERT OR REPLACE INTO hashes VALUES(?,?,?,?,?,?,?)")),
        seen(database.prepare("UPDATE hashes SET seen_s=? WHERE device=? AND inode=?")),
        prune(database.prepare("DELETE FROM hashes WHERE seen_s<?")),
        count(database.prepare("SELECT count(*) FROM hashes")) {}
};

Index::Index(const net::Folder& folder, const std::string& name, std::function<void(const std::string&)> warn)
    : warn_(std::move(warn)) {
  // SQLite wants a path; the folder's own is looked up, so that it is the same folder whatever the working directory.
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(folder.fd());
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  if (size <= 0) {
    warn_("the index of hashes cannot be used: its folder has no path");
    return;
  }
  path_ = std::string(path.data(), static_cast<std::size_t>(size)) + "/" + name;
  const std::lock_guard guard(mutex_);
  open();
}

Index::~Index() { flush(); }

void Index::open() {
  for (int tries = 0; tries < 2; ++tries) {
    try {
      open_ = std::make_unique<Open>(path_);
      return;
    } catch (const DatabaseError& error) {
      if (!error.is_damage() || tries > 0) {
        warn_("the index of hashes " + path_ + " cannot be used (" + error.what() + "): files are hashed anew");
        return;
      }
      set_aside(error.what());
    }
  }
}

void Index::set_aside(const std::string& reason) {
  open_.reset();
  warn_("the index of hashes " + path_ + " is damaged (" + reason + "): moved to " + path_ +
        ".broken, files are hashed anew");
  Database::set_aside(path_);
}

/// Runs action(*open_); a damaged database is set aside, any other trouble costs only this action.
template <class Action>
void Index::attempt(Action action) {
  if (!open_) return;
  try {
    action(*open_);
  } catch (const DatabaseError& error) {
    open_->database.roll_back();
    if (!error.is_damage()) return;
    set_aside(error.what());
    open();
  }
}

std::optional<HashedContent> Index::find(const net::FileStatus& file) {
  if (file.size > kMaxFileLength) return std::nullopt;
  const std::lock_guard guard(mutex_);
  std::optional<HashedContent> found;
  attempt([&](Open& open) {
    open.find.bind(signed_bits(file.device), signed_bits(file.inode), signed_bits(file.size), file.mtime_ns);
    if (open.find.step()) {
      const net::ByteView root = open.find.bytes(0);
      const net::ByteView layer = open.find.bytes(1);
      HashedContent content{{file.size, {}}, std::vector<Hash>(layer.size() / sizeof(Hash))};
      if (root.size() == sizeof(Hash) && layer.size() % sizeof(Hash) == 0) {
        std::copy(root.begin(), root.end(), content.id.root.begin());
        if (!layer.empty()) std::memcpy(content.layer.data(), layer.data(), layer.size());
        if (layer_matches(content.layer, content.id)) found = std::move(content);
      }
    }
    open.find.reset();
  });
  if (found) {
    pending_.push_back({file, std::nullopt});
    if (pending_.size() >= kBatch) write_pending();
  }
  return found;
}

void Index::put(const net::FileStatus& file, HashedContent content) {
  CHECK(file.size == content.id.length);
  const std::lock_guard guard(mutex_);
  pending_.push_back({file, std::move(content)});
  if (pending_.size() >= kBatch) write_pending();
}

void Index::flush() {
  const std::lock_guard guard(mutex_);
  write_pending();
}

void Index::write_pending() {
  const std::vector<Pending> batch = std::exchange(pending_, {});
  if (batch.empty()) return;
  const auto now_s = static_cast<std::int64_t>(std::time(nullptr));
  attempt([&](Open& open) {
    open.database.execute("BEGIN IMMEDIATE");
    for (const auto& [file, content] : batch) {
      const std::int64_t device = signed_bits(file.device), inode = signed_bits(file.inode);
      if (content) {
        open.put.run(device, inode, signed_bits(file.size), file.mtime_ns, net::ByteView(content->id.root),
                     layer_bytes(content->layer), now_s);
      } else {
        open.seen.run(now_s, device, inode);
      }
    }
    open.database.execute("COMMIT");
  });
}

void Index::prune(std::int64_t before_s) {
  const std::lock_guard guard(mutex_);
  write_pending();
  attempt([&](Open& open) { open.prune.run(before_s); });
}

std::size_t Index::size() {
  const std::lock_guard guard(mutex_);
  write_pending();
  std::size_t entries = 0;
  attempt([&](Open& open) {
    open.count.bind();
    if (open.count.step()) entries = static_cast<std::size_t>(open.count.integer(0));
    open.count.reset();
  });
  return entries;
}

}  // namespace peer::files
