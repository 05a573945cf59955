// SPDX-License-Identifier: MIT
#include "peer/files/index.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <utility>

#include "net/check.h"

namespace peer::files {
namespace {

constexpr int kApplicationId = 0x70327069;  // "p2pi"
constexpr int kVersion = 1;
constexpr int kBusyMilliseconds = 2000;
constexpr std::size_t kBatch = 512;

/// The whole schema. What sqlite_master says of an opened database must be exactly this.
constexpr const char* kSchema =
    "CREATE TABLE hashes(device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT "
    "NULL, root BLOB NOT NULL, layer BLOB NOT NULL, seen_s INTEGER NOT NULL, PRIMARY KEY(device, inode)) WITHOUT ROWID";

constexpr const char* kFind = "SELECT root, layer FROM hashes WHERE device=? AND inode=? AND size=? AND mtime_ns=?";
constexpr const char* kPut = "INSERT OR REPLACE INTO hashes VALUES(?,?,?,?,?,?,?)";
constexpr const char* kSeen = "UPDATE hashes SET seen_s=? WHERE device=? AND inode=?";
constexpr const char* kPrune = "DELETE FROM hashes WHERE seen_s<?";
constexpr const char* kCount = "SELECT count(*) FROM hashes";

/// An SQLite result code that is no success.
struct SqliteError {
  int code;
};

/// Codes that say that the file is not a database of ours, rather than that it cannot be used at the moment.
bool is_damage(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_FORMAT:
      return true;
    default:
      return false;
  }
}

std::int64_t signed_bits(std::uint64_t value) { return static_cast<std::int64_t>(value); }

net::ByteView layer_bytes(const std::vector<Hash>& layer) {
  return {reinterpret_cast<const std::byte*>(layer.data()), layer.size() * sizeof(Hash)};
}

}  // namespace

/// One connection with its prepared statements. Every failure is an SqliteError, which Index::attempt() catches.
struct Index::Database {
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  std::unique_ptr<sqlite3, CloseDatabase> handle;
  Statement find, put, seen, prune, count;

  explicit Database(const std::string& path) {
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    handle.reset(raw);
    check(code);
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    // A file that somebody else made must not run anything when it is read.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, 64 << 20);
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=NORMAL");
    begin_or_verify();
    find = prepare(kFind);
    put = prepare(kPut);
    seen = prepare(kSeen);
    prune = prepare(kPrune);
    count = prepare(kCount);
  }

  static void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) throw SqliteError{code};
  }

  void execute(const std::string& sql) { check(sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, nullptr)); }

  Statement prepare(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    check(sqlite3_prepare_v2(handle.get(), sql, -1, &raw, nullptr));
    return Statement(raw);
  }

  std::string text_of(const char* sql) {
    const Statement statement = prepare(sql);
    std::string all;
    while (step(statement)) {
      const auto* text = sqlite3_column_text(statement.get(), 0);
      all.append(text == nullptr ? "" : reinterpret_cast<const char*>(text)).push_back('\n');
    }
    return all;
  }

  /// An empty file becomes our database; another one must be exactly that.
  void begin_or_verify() {
    execute("BEGIN IMMEDIATE");
    if (text_of("SELECT sql FROM sqlite_master").empty()) {
      execute(kSchema);
      execute("PRAGMA application_id=" + std::to_string(kApplicationId));
      execute("PRAGMA user_version=" + std::to_string(kVersion));
    }
    const bool ours = text_of("SELECT sql FROM sqlite_master") == std::string(kSchema) + "\n" &&
                      text_of("PRAGMA application_id") == std::to_string(kApplicationId) + "\n" &&
                      text_of("PRAGMA user_version") == std::to_string(kVersion) + "\n";
    execute("COMMIT");
    if (!ours) throw SqliteError{SQLITE_NOTADB};
  }

  /// True when there is a row.
  static bool step(const Statement& statement) {
    const int code = sqlite3_step(statement.get());
    check(code);
    return code == SQLITE_ROW;
  }

  template <class... Values>
  static void bind(const Statement& statement, Values... values) {
    // A failed step shows again when the statement is reset; it was reported where it happened.
    sqlite3_reset(statement.get());
    int at = 0;
    (bind_one(statement, ++at, values), ...);
  }
  static void bind_one(const Statement& statement, int at, std::int64_t value) {
    check(sqlite3_bind_int64(statement.get(), at, value));
  }
  static void bind_one(const Statement& statement, int at, net::ByteView value) {
    check(sqlite3_bind_blob64(statement.get(), at, value.empty() ? static_cast<const void*>("") : value.data(),
                              value.size(), SQLITE_TRANSIENT));
  }
  static net::ByteView blob(const Statement& statement, int column) {
    const void* data = sqlite3_column_blob(statement.get(), column);
    const int size = sqlite3_column_bytes(statement.get(), column);
    return {static_cast<const std::byte*>(data), data == nullptr ? 0 : static_cast<std::size_t>(size)};
  }
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
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      database_ = std::make_unique<Database>(path_);
      return;
    } catch (const SqliteError& error) {
      const std::string reason = sqlite3_errstr(error.code);
      if (!is_damage(error.code) || attempt > 0) {
        warn_("the index of hashes " + path_ + " cannot be used (" + reason + "): files are hashed anew");
        return;
      }
      set_aside(reason);
    }
  }
}

void Index::set_aside(const std::string& reason) {
  database_.reset();
  warn_("the index of hashes " + path_ + " is damaged (" + reason + "): moved to " + path_ +
        ".broken, files are hashed anew");
  // Its journal belongs to it: replayed into a new database it would spoil that one as well.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    static_cast<void>(std::rename((path_ + suffix).c_str(), (path_ + ".broken" + suffix).c_str()));
  }
}

/// Runs action(database); a damaged database is set aside, any other trouble costs only this action.
template <class Action>
void Index::attempt(Action action) {
  if (!database_) return;
  try {
    action(*database_);
  } catch (const SqliteError& error) {
    if (sqlite3_get_autocommit(database_->handle.get()) == 0) {
      sqlite3_exec(database_->handle.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    if (!is_damage(error.code)) return;
    set_aside(sqlite3_errstr(error.code));
    open();
  }
}

std::optional<HashedContent> Index::find(const net::FileStatus& file) {
  if (file.size > kMaxFileLength) return std::nullopt;
  const std::lock_guard guard(mutex_);
  std::optional<HashedContent> found;
  attempt([&](Database& database) {
    Database::bind(database.find, signed_bits(file.device), signed_bits(file.inode), signed_bits(file.size),
                   file.mtime_ns);
    if (Database::step(database.find)) {
      const net::ByteView root = Database::blob(database.find, 0);
      const net::ByteView layer = Database::blob(database.find, 1);
      HashedContent content{{file.size, {}}, std::vector<Hash>(layer.size() / sizeof(Hash))};
      if (root.size() == sizeof(Hash) && layer.size() % sizeof(Hash) == 0) {
        std::copy(root.begin(), root.end(), content.id.root.begin());
        if (!layer.empty()) std::memcpy(content.layer.data(), layer.data(), layer.size());
        if (layer_matches(content.layer, content.id)) found = std::move(content);
      }
    }
    sqlite3_reset(database.find.get());
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
  attempt([&](Database& database) {
    database.execute("BEGIN IMMEDIATE");
    for (const auto& [file, content] : batch) {
      const std::int64_t device = signed_bits(file.device), inode = signed_bits(file.inode);
      const auto& statement = content ? database.put : database.seen;
      if (content) {
        Database::bind(statement, device, inode, signed_bits(file.size), file.mtime_ns, net::ByteView(content->id.root),
                       layer_bytes(content->layer), now_s);
      } else {
        Database::bind(statement, now_s, device, inode);
      }
      Database::step(statement);
      sqlite3_reset(statement.get());
    }
    database.execute("COMMIT");
  });
}

void Index::prune(std::int64_t before_s) {
  const std::lock_guard guard(mutex_);
  write_pending();
  attempt([&](Database& database) {
    Database::bind(database.prune, before_s);
    Database::step(database.prune);
    sqlite3_reset(database.prune.get());
  });
}

std::size_t Index::size() {
  const std::lock_guard guard(mutex_);
  write_pending();
  std::size_t entries = 0;
  attempt([&](Database& database) {
    Database::bind(database.count);
    if (Database::step(database.count)) {
      entries = static_cast<std::size_t>(sqlite3_column_int64(database.count.get(), 0));
    }
    sqlite3_reset(database.count.get());
  });
  return entries;
}

}  // namespace peer::files
