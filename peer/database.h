// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace peer {

/// A call of SQLite that failed.
class DatabaseError : public std::runtime_error {
 public:
  explicit DatabaseError(int code);
  /// The file is damaged or no database of ours, rather than that it cannot be used at the moment.
  bool is_damage() const;

 private:
  int code_;
};

/// One open SQLite database in WAL mode, made of one table. All calls may block for a moment and throw DatabaseError.
/// One object is for one thread.
class Database {
 public:
  struct Format {
    const char* schema;  ///< The CREATE statement, to the byte as SQLite keeps it: all that the database may hold.
    int application_id;
    int version;
    const char* synchronous;  ///< The value of that pragma: OFF, NORMAL, FULL.
    int busy_ms;              ///< How long a call waits while another program writes.
  };

  /// A prepared statement with its row. Use: bind(...), then step() until it is false or no more rows are wanted, then
  /// reset(). It must not outlive its database.
  class Statement {
   public:
    /// Binds all parameters in order: std::int64_t, std::string and net::ByteView (both copied).
    template <class... Values>
    void bind(const Values&... values) {
      reset();
      int at = 0;
      (bind_one(++at, values), ...);
    }
    /// True when there is a row.
    bool step();
    /// bind(), step() and reset() for statements without rows.
    template <class... Values>
    void run(const Values&... values) {
      bind(values...);
      step();
      reset();
    }
    void reset();
    std::int64_t integer(int column) const;
    /// A copy; empty where there is none.
    std::string text(int column) const;
    /// Good until the next call; empty where there is none.
    net::ByteView bytes(int column) const;

   private:
    friend class Database;
    struct Finalize {
      void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}
    void bind_one(int at, std::int64_t value);
    void bind_one(int at, const std::string& value);
    void bind_one(int at, net::ByteView value);

    std::unique_ptr<sqlite3_stmt, Finalize> raw_;
  };

  /// Opens the file, or begins a new one where there is none. One of another format fails as damage; a symbolic link in
  /// its place fails, whatever it leads to, but the folder may be reached through links.
  Database(const std::string& path, const Format& format);

  void execute(const std::string& sql);
  Statement prepare(const char* sql);
  /// Takes back a transaction that was begun and not committed; never fails.
  void roll_back() noexcept;

  /// Renames the file and its companions to "<path>.broken...", so that a new one can be begun. Not while it is open.
  static void set_aside(const std::string& path);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  void begin_or_verify(const Format& format);
  std::string text_of(const char* sql);

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace peer
