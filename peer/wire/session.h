// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/frame.h"
#include "net/send_queue.h"
#include "net/time.h"
#include "peer/wire/error_code.h"
#include "peer/wire/messages.h"
#include "peer/wire/peer_gossip.h"

namespace peer::wire {

enum class Role { kDialled, kAccepted };

struct SessionLimits {
  net::Duration handshake = std::chrono::seconds(10);   ///< From the start to HELLO, all of it.
  net::Duration ping_after = std::chrono::seconds(30);  ///< Silence until a PING.
  net::Duration fail_after = std::chrono::seconds(90);  ///< Silence until the connection is given up.
  net::Duration probe_time = std::chrono::seconds(5);   ///< The same, after a probe().
  std::size_t send_queue = 4u << 20;                    ///< Bytes in memory that may wait to be sent.
};

/// A peer list came (0x10 or 0x11). The endpoints are unchecked hints: see acceptable().
struct PeersReceived {
  std::vector<net::Endpoint> endpoints;
  std::size_t dropped = 0;
  bool operator==(const PeersReceived&) const = default;
};
/// The connection is established. Comes once, before any MessageReceived.
struct HelloReceived {
  Hello hello;
  bool operator==(const HelloReceived&) const = default;
};
/// The other end has dialled us and speaks the dialect of older programs: the session takes no part in that. Nothing
/// comes after it; what has been read is unread().
struct LegacyOpened {
  bool operator==(const LegacyOpened&) const = default;
};
/// Any message but HELLO, CHUNK, PING and PONG. ERROR and BYE may come before HelloReceived.
struct MessageReceived {
  Message message;
  bool operator==(const MessageReceived&) const = default;
};
/// The whole payload stands where ChunkSink::place said. The session does not touch that memory any more.
struct ChunkReceived {
  ChunkHeader header;
  std::uint32_t size = 0;
  bool operator==(const ChunkReceived&) const = default;
};
/// A payload that was discarded has passed.
struct ChunkSkipped {
  ChunkHeader header;
  std::uint32_t size = 0;
  bool operator==(const ChunkSkipped&) const = default;
};
/// The last event. The connection must be closed, after one attempt to send what is queued (it may hold an ERROR that
/// tells the other end why).
struct Failed {
  ErrorCode code = ErrorCode::kNone;
  std::string reason;  ///< For people; safe to print.
  bool operator==(const Failed&) const = default;
};
using Event =
    std::variant<PeersReceived, HelloReceived, LegacyOpened, MessageReceived, ChunkReceived, ChunkSkipped, Failed>;

/// Where the payload of a CHUNK goes.
struct Place {
  std::span<std::byte> buffer;  ///< Exactly the payload's size; valid until ChunkReceived, abandon_chunk() or the end.
};
struct Discard {};  ///< Nobody waits for it: it passes by length.
struct Wait {};     ///< No memory now: nothing more is read from this connection until resume().
using Placement = std::variant<Place, Discard, Wait>;

/// Given by the owner of a session.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  /// A CHUNK with `size` bytes of data (1..4 MiB, header.offset + size <= 4 MiB) begins. Called from within
  /// next_event(), again after a resume() when the answer was Wait. Must not call the session.
  virtual Placement place(const ChunkHeader& header, std::uint32_t size) = 0;
};

/// One connection, both directions; the state machine of p2p-protocol(7). Passive: it does no I/O and reads no clock.
///
/// The driver reads from the socket into space(), says so with received(), sends from queue(), and calls expire() at
/// deadline(). The owner takes events with next_event() until there is none. Bytes are decoded only as events are
/// taken, so an owner that takes none stops the reading: that is the back-pressure.
///
///     socket -> space() -> [ 16 KiB buffer ] -> next_event() -> messages
///                     \--> [ ChunkSink's buffer ]                (payload of CHUNK, not copied)
///     socket <- queue() <- send(), send_peers(), send_chunk()
///
/// Until HELLO has come only HELLO, ERROR, BYE and peer lists pass, in either direction. PING is answered here. The
/// same bytes give the same events however they are split. (threats T01, T02, T03, T10, T11, T16, T18)
class Session {
 public:
  static constexpr std::size_t kBufferSize = 16u << 10;

  /// A dialling session sends HELLO at once. An accepting one sends `first_peers` at once, where given (an empty list
  /// too), and HELLO when the other's has come. `sink` must outlive the session. `legacy`: LegacyOpened may come,
  /// otherwise that is a failure.
  Session(Role role, Hello own, std::optional<std::vector<net::Endpoint>> first_peers, ChunkSink& sink,
          SessionLimits limits, net::TimePoint now, bool legacy = false);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Where to read next; empty: do not read now. Valid until the next call of any other non-const member.
  std::span<std::byte> space();
  /// `count` bytes were put at the front of space().
  void received(net::TimePoint now, std::size_t count);
  /// The other end has closed its direction. What came before is still given, then Failed (kClosed).
  void end_of_input();
  /// Nothing when all that came has been given, or while a chunk waits for memory.
  std::optional<Event> next_event();

  /// What was read and is in no event; valid until the next call of any other non-const member.
  net::ByteView unread() const { return buffered(); }
  /// True while a Wait is pending: call resume() when there may be memory.
  bool waiting() const { return waiting_; }
  void resume();
  /// The chunk being received is no longer wanted: its Place is not touched any more, and ChunkSkipped comes in the
  /// end. Nothing happens when none is being received.
  void abandon_chunk();
  /// The chunk whose payload is under way into a Place.
  std::optional<ChunkHeader> chunk_under_way() const;

  /// Queues a message. REQUIRES: established() or failed(); not HELLO or CHUNK. After a failure nothing is queued. A
  /// queue that is full is a failure: the other end does not read (threat T18).
  void send(const Message& message);
  void send_peers(std::span<const net::Endpoint> endpoints);
  /// Queues a CHUNK whose data is the range: 1..4 MiB, header.offset + range.length <= 4 MiB.
  void send_chunk(const ChunkHeader& header, net::FileRange range);

  /// What is to be sent; the driver consumes it, and may move it out when the session has ended.
  net::SendQueue& queue() { return queue_; }
  const net::SendQueue& queue() const { return queue_; }

  /// The time by which expire() must be called; nothing after a failure.
  std::optional<net::TimePoint> deadline() const;
  void expire(net::TimePoint now);
  /// There are doubts that the other end is still there: sends a PING, and gives the connection up when no sign of life
  /// comes soon. Means nothing before HELLO and while one is under way.
  void probe(net::TimePoint now);

  Role role() const { return role_; }
  bool established() const { return hello_received_; }
  /// True as soon as Failed is sure to come or has come.
  bool failed() const { return failed_; }

 private:
  struct IncomingChunk {
    ChunkHeader header;
    std::uint32_t size = 0;
    std::uint32_t passed = 0;       ///< Bytes of the payload that have come.
    std::span<std::byte> buffer{};  ///< Empty: they are discarded.
  };
  enum class Tell { kNo, kYes };

  /// Each takes what it can from the buffer, may give an event, and returns false when it needs more bytes.
  bool step(std::optional<Event>& event);
  bool step_start(std::optional<Event>& event);
  bool step_opening(std::optional<Event>& event);
  bool step_skip();
  bool step_peers(std::optional<Event>& event);
  bool step_chunk_header();
  bool step_chunk_data(std::optional<Event>& event);
  bool step_message(std::optional<Event>& event);

  void begin_frame(const net::FrameHeader& header);
  std::optional<Failed> refusal_of_frame(const net::FrameHeader& header) const;
  /// The payload of the frame once it is whole; valid until the next read.
  std::optional<net::ByteView> take_payload();
  std::optional<Event> handle(Message message);
  std::optional<Event> handle_hello(Hello hello);
  Event take_peers();

  /// The unfilled part of a chunk's or a large payload's own memory, where that is read into now.
  std::span<std::byte> direct_target();
  void queue_bytes(net::Bytes bytes);
  void note_signs_of_life(net::TimePoint now);
  void fail_at_end_of_input();
  void fail(ErrorCode code, std::string reason, Tell tell = Tell::kYes);

  net::ByteView buffered() const { return net::ByteView(buffer_).subspan(begin_, end_ - begin_); }
  void drop(std::size_t count) { begin_ += count; }

  Role role_;
  Hello own_;
  ChunkSink& sink_;
  SessionLimits limits_;
  net::SendQueue queue_;

  /// 0 <= begin_ <= end_ <= kBufferSize: [begin_, end_) came and is not decoded yet.
  std::array<std::byte, kBufferSize> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  std::optional<net::FrameHeader> frame_;  ///< Whose payload is being read.
  net::Bytes large_;                       ///< A payload that does not fit the buffer: as long as it will be.
  std::uint32_t large_size_ = 0;           ///< Bytes of it that have come.
  std::uint32_t to_skip_ = 0;              ///< Bytes of an unknown frame still to pass.
  std::optional<IncomingChunk> chunk_;
  std::optional<PeerGossipParser> peers_;

  bool legacy_ = false;       ///< Not a failure.
  bool opened_ = false;       ///< The first byte was looked at.
  bool handed_over_ = false;  ///< LegacyOpened has been given.
  bool hello_received_ = false;
  bool waiting_ = false;
  bool input_ended_ = false;
  bool failed_ = false;
  std::optional<Failed> failure_;  ///< Not given as an event yet.

  net::TimePoint started_at_;
  net::TimePoint heard_at_;                  ///< When bytes came last, or the other end was seen to take ours.
  net::TimePoint checked_at_;                ///< The last PING or look at the queue.
  std::optional<net::TimePoint> probed_at_;  ///< While a probe is under way.
  std::uint64_t pings_ = 0;
  std::uint64_t queued_total_ = 0;
  std::uint64_t sent_at_check_ = 0;
  bool busy_at_check_ = false;
};

}  // namespace peer::wire
