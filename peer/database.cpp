// SPDX-License-Identifier: MIT
#include "peer/database.h"

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace peer {
namespace {

constexpr int kMaxValueBytes = 64 << 20;
constexpr const char* kJournalBytes = "4194304";

void check(int code) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) throw DatabaseError(code);
}

/// The path with the links on the way to its folder followed; as it was where the folder is not there.
std::string with_real_folder(const std::string& path) {
  const std::filesystem::path given(path);
  std::error_code error;
  const std::filesystem::path folder =
      std::filesystem::canonical(given.has_parent_path() ? given.parent_path() : ".", error);
  return error ? path : (folder / given.filename()).string();
}

}  // namespace

DatabaseError::DatabaseError(int code) : std::runtime_error(sqlite3_errstr(code)), code_(code) {}

bool DatabaseError::is_damage() const {
  switch (code_ & 0xff) {
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

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::string& path, const Format& format) {
  sqlite3* raw = nullptr;
  // No links: whoever may put one into the folder would have us write where only we may.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  const int code = sqlite3_open_v2(with_real_folder(path).c_str(), &raw, flags, nullptr);
  handle_.reset(raw);
  check(code);
  sqlite3_busy_timeout(raw, format.busy_ms);
  // A file that somebody else made must not run anything when it is read.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  execute("PRAGMA journal_mode=WAL");
  execute(std::string("PRAGMA journal_size_limit=") + kJournalBytes);
  execute(std::string("PRAGMA synchronous=") + format.synchronous);
  begin_or_verify(format);
}

void Database::begin_or_verify(const Format& format) {
  execute("BEGIN IMMEDIATE");
  if (text_of("SELECT sql FROM sqlite_master").empty()) {
    execute(format.schema);
    execute("PRAGMA application_id=" + std::to_string(format.application_id));
    execute("PRAGMA user_version=" + std::to_string(format.version));
  }
  const bool ours = text_of("SELECT sql FROM sqlite_master") == std::string(format.schema) + "\n" &&
                    text_of("PRAGMA application_id") == std::to_string(format.application_id) + "\n" &&
                    text_of("PRAGMA user_version") == std::to_string(format.version) + "\n";
  execute("COMMIT");
  if (!ours) throw DatabaseError(SQLITE_NOTADB);
}

std::string Database::text_of(const char* sql) {
  Statement statement = prepare(sql);
  std::string all;
  while (statement.step()) all += statement.text(0) + "\n";
  return all;
}

void Database::execute(const std::string& sql) {
  check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

Database::Statement Database::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  check(sqlite3_prepare_v2(handle_.get(), sql, -1, &raw, nullptr));
  return Statement(raw);
}

void Database::roll_back() noexcept {
  if (sqlite3_get_autocommit(handle_.get()) == 0) {
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Database::set_aside(const std::string& path) {
  // The journal belongs to its database: replayed into a new one it would spoil that as well.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    static_cast<void>(std::rename((path + suffix).c_str(), (path + ".broken" + suffix).c_str()));
  }
}

void Database::Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

bool Database::Statement::step() {
  const int code = sqlite3_step(raw_.get());
  check(code);
  return code == SQLITE_ROW;
}

// A failed step shows again here; it was reported where it happened.
void Database::Statement::reset() { sqlite3_reset(raw_.get()); }

std::int64_t Database::Statement::integer(int column) const { return sqlite3_column_int64(raw_.get(), column); }

std::string Database::Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw_.get(), column));
  return text == nullptr ? std::string() : std::string(text);
}

net::ByteView Database::Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(raw_.get(), column);
  const int size = sqlite3_column_bytes(raw_.get(), column);
  return {static_cast<const std::byte*>(data), data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

void Database::Statement::bind_one(int at, std::int64_t value) { check(sqlite3_bind_int64(raw_.get(), at, value)); }

void Database::Statement::bind_one(int at, const std::string& value) {
  check(sqlite3_bind_text64(raw_.get(), at, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Database::Statement::bind_one(int at, net::ByteView value) {
  // A null pointer would be NULL, not a blob without bytes.
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  check(sqlite3_bind_blob64(raw_.get(), at, data, value.size(), SQLITE_TRANSIENT));
}

}  // namespace peer
