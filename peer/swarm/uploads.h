// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "net/rate.h"
#include "net/time.h"
#include "peer/files/chunk_set.h"
#include "peer/files/content_id.h"
#include "peer/ids.h"

namespace peer::swarm {

/// What a peer that leaves the choice to us has told.
struct UploadChoice {
  files::ChunkSet have;        ///< What it need not be sent.
  std::uint32_t at_least = 0;  ///< How often the least sent chunk of the others had been sent when it asked.
};

/// A chunk, or a part of one, that a peer asked for.
struct UploadRequest {
  ConnectionId connection = 0;
  std::uint32_t request = 0;
  files::ContentId id;
  std::uint32_t chunk = 0;
  std::uint64_t file_offset = 0;   ///< Of the first byte to send.
  std::uint32_t chunk_offset = 0;  ///< The same, inside the chunk.
  std::uint32_t size = 0;
  std::uint32_t asker_has = 0;  ///< Chunks of the file that the asker is known to have.
  /// Set where the chunk is still to be chosen, when the request's turn comes: then only `connection`, `request` and
  /// `id` are known.
  std::optional<UploadChoice> choice;
};

/// The order in which requested chunks are sent: whole chunks, one after another, only `slots` connections being filled
/// at a time. Interleaving N receivers would make every chunk N times later, and late chunks cannot be passed on. Of
/// one connection they go in the order asked. The connections take turns: the one served longest ago comes next, and
/// every other time the one whose peer has least of its file, so that nobody ends long after the others. A receiver
/// much slower than this host has lately sent does not hold a slot, so it delays nobody. Pure.
class Uploads {
 public:
  static constexpr std::size_t kMaxPerConnection = 512;  ///< Requests waiting; more are refused (threat T19).

  /// Of these, requests whose chunk is still to be chosen.
  static constexpr std::size_t kMaxChoicesPerConnection = 4;

  explicit Uploads(std::size_t slots) : slots_(slots) {}

  /// False when the connection has too many waiting.
  bool add(const UploadRequest& request);
  /// Forgets a request that was not handed out yet.
  void cancel(ConnectionId connection, std::uint32_t request);
  void drop(ConnectionId connection);

  /// The next request to put into its connection's send queue, when a slot is free; it then counts as being sent.
  std::optional<UploadRequest> next(net::TimePoint now);
  /// `count` bytes left the connection's queue; `pending` remain in it. Its slot is freed when little remains.
  void sent(ConnectionId connection, std::uint64_t count, std::uint64_t pending, net::TimePoint now);
  /// When to call next() again although nothing was sent: a connection that holds a slot may turn out to be slow.
  std::optional<net::TimePoint> deadline() const { return look_again_; }

  std::size_t waiting() const { return waiting_; }
  /// Connections that have requests waiting.
  std::size_t connections_waiting() const { return by_connection_.size(); }
  bool sending_to(ConnectionId connection) const { return active_.contains(connection); }
  /// True while something is sent to it, or waits for its turn.
  bool serves(ConnectionId connection) const { return sending_to(connection) || by_connection_.contains(connection); }

 private:
  struct Waiting {
    std::uint64_t turn;  ///< Grows with each request of any connection.
    UploadRequest request;
  };
  struct Active {
    net::TimePoint since;
    std::uint64_t bytes = 0;
  };
  using Queues = std::map<ConnectionId, std::deque<Waiting>>;

  bool holds_slot(const Active& active, net::TimePoint now) const;
  /// The connection whose turn it is; end() where all that wait are being sent to.
  Queues::iterator next_in_turn();
  void note_rate(net::TimePoint now);

  std::size_t slots_;
  std::size_t waiting_ = 0;
  std::uint64_t last_turn_ = 0;
  Queues by_connection_;  ///< In the order asked; none is empty.
  /// When each connection was served last, counted in requests handed out; never: none.
  std::map<ConnectionId, std::uint64_t> served_;
  std::uint64_t handed_out_ = 0;
  std::map<ConnectionId, Active> active_;
  net::RateMeter total_;
  double peak_ = 0;  ///< Bytes a second, the best seen lately.
  net::TimePoint peak_at_{};
  std::optional<net::TimePoint> look_again_;
};

}  // namespace peer::swarm
