// SPDX-License-Identifier: MIT
#include "peer/introducer/registry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "peer/database.h"

namespace peer::introducer {
namespace {

using std::chrono::microseconds;

/// Without fsync: entries live for minutes, and neither a disk nor another program that takes its time may hold
/// up the loop.
constexpr Database::Format kFormat{
    "CREATE TABLE peers(address TEXT NOT NULL, id TEXT NOT NULL, port INTEGER NOT NULL, contact_us INTEGER NOT NULL, "
    "PRIMARY KEY(address, id)) WITHOUT ROWID",
    0x7032706e,  // "p2pn"
    1, "OFF", 20};

std::optional<Peer> to_peer(const std::string& address, std::string id, std::int64_t port) {
  auto ip = net::IpAddress::parse(address);
  if (!ip || !is_peer_id(id) || port < 1 || port > 65535) return std::nullopt;
  return Peer{std::move(id), {*std::move(ip), static_cast<std::uint16_t>(port)}};
}

}  // namespace

struct Registry::Open {
  Database database;
  Database::Statement all, put, remove;

  explicit Open(const std::string& path)
      : database(path, kFormat),
        all(database.prepare("SELECT address, id, port, contact_us FROM peers ORDER BY contact_us DESC")),
        put(database.prepare("INSERT OR REPLACE INTO peers VALUES(?,?,?,?)")),
        remove(database.prepare("DELETE FROM peers WHERE address=? AND id=?")) {}

  void put_peer(const Peer& peer, std::int64_t contact_us) {
    put.run(peer.endpoint.address.to_string(), peer.id, std::int64_t{peer.endpoint.port}, contact_us);
  }
};

Registry::Registry(std::string path, Warn warn, WallClock clock)
    : path_(std::move(path)), warn_(std::move(warn)), clock_(std::move(clock)) {
  open();
}

Registry::~Registry() = default;

Registry::WallClock Registry::system_wall_clock() {
  return [] {
    return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  };
}

void Registry::open() {
  for (int tries = 0; tries < 2; ++tries) {
    try {
      open_ = std::make_unique<Open>(path_);
      return;
    } catch (const DatabaseError& error) {
      if (!error.is_damage() || tries > 0) {
        warn_(path_ + " cannot be used (" + error.what() + "): a restart will forget the peers");
        return;
      }
      set_aside(error.what());
    }
  }
}

void Registry::set_aside(const std::string& reason) {
  open_.reset();
  warn_(path_ + " is damaged or not ours (" + reason + "): moved to " + path_ + ".broken, beginning a new one");
  Database::set_aside(path_);
}

/// Runs action(*open_); a damaged database is set aside, any other trouble costs only this action.
template <class Action>
void Registry::attempt(Action action) {
  if (!open_) return;
  try {
    action(*open_);
    write_failed_ = false;
  } catch (const DatabaseError& error) {
    open_->database.roll_back();
    if (error.is_damage()) {
      set_aside(error.what());
      open();
    } else if (!std::exchange(write_failed_, true)) {
      warn_("peers are not kept at the moment: write " + path_ + ": " + error.what());
    }
  }
}

std::vector<Registry::Kept> Registry::load(net::Duration ttl, std::size_t max_peers) {
  const std::int64_t now_us = clock_();
  const std::int64_t ttl_us = std::chrono::duration_cast<microseconds>(ttl).count();
  std::vector<Kept> kept;
  attempt([&](Open& open) {
    open.all.bind();
    while (kept.size() < max_peers && open.all.step()) {
      const std::int64_t contact_us = open.all.integer(3);
      if (contact_us <= now_us - ttl_us) break;
      auto peer = to_peer(open.all.text(0), open.all.text(1), open.all.integer(2));
      if (peer) kept.push_back({*std::move(peer), microseconds(now_us - std::min(now_us, contact_us))});
    }
    open.all.reset();
    std::reverse(kept.begin(), kept.end());
    // Written anew, so that nothing stays that was not read: rows that are none of ours, or lie in the future.
    open.database.execute("BEGIN IMMEDIATE");
    open.database.execute("DELETE FROM peers");
    for (const Kept& one : kept) {
      open.put_peer(one.peer, now_us - std::chrono::duration_cast<microseconds>(one.age).count());
    }
    open.database.execute("COMMIT");
  });
  return kept;
}

void Registry::write(std::span<const Directory::Change> changes) {
  if (changes.empty()) return;
  const std::int64_t now_us = clock_();
  attempt([&](Open& open) {
    open.database.execute("BEGIN IMMEDIATE");
    // Contacts of one pass are told apart, so that their order survives as well.
    std::int64_t contact_us = now_us;
    for (const Directory::Change& change : changes) {
      if (change.gone) {
        open.remove.run(change.peer.endpoint.address.to_string(), change.peer.id);
      } else {
        open.put_peer(change.peer, contact_us++);
      }
    }
    open.database.execute("COMMIT");
  });
}

}  // namespace peer::introducer
