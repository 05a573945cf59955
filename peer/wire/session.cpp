// SPDX-License-Identifier: MIT
#include "peer/wire/session.h"

#include <algorithm>
#include <utility>

#include "net/check.h"
#include "peer/wire/opening.h"

namespace peer::wire {
namespace {

constexpr std::uint8_t kHelloType = static_cast<std::uint8_t>(MessageType::kHello);
constexpr std::uint8_t kChunkType = static_cast<std::uint8_t>(MessageType::kChunk);
constexpr std::uint8_t kErrorType = static_cast<std::uint8_t>(MessageType::kError);
constexpr std::uint8_t kByeType = static_cast<std::uint8_t>(MessageType::kBye);

std::string name_of_type(std::uint8_t type) { return std::string(name_of(static_cast<MessageType>(type))); }

bool begins_peer_list(std::byte first) { return first == kPeerListByte || first == kPeerListByteOld; }

}  // namespace

Session::Session(Role role, Hello own, std::optional<std::vector<net::Endpoint>> first_peers, ChunkSink& sink,
                 SessionLimits limits, net::TimePoint now, bool legacy)
    : role_(role),
      own_(std::move(own)),
      sink_(sink),
      limits_(limits),
      queue_(limits.send_queue),
      legacy_(legacy),
      started_at_(now),
      heard_at_(now),
      checked_at_(now) {
  if (role_ == Role::kDialled) {
    queue_bytes(encode(own_));
  } else if (first_peers) {
    queue_bytes(encode_peer_gossip(*first_peers));
  }
}

// --- what comes -----------------------------------------------------------------------------------------------------

std::span<std::byte> Session::direct_target() {
  // What is in the buffer comes before what is still to be read.
  if (begin_ != end_) return {};
  if (chunk_ && !chunk_->buffer.empty()) return chunk_->buffer.subspan(chunk_->passed);
  return std::span(large_).subspan(large_size_);
}

std::span<std::byte> Session::space() {
  if (failed_ || input_ended_ || waiting_ || handed_over_) return {};
  if (std::span<std::byte> direct = direct_target(); !direct.empty()) return direct;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == kBufferSize) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.end(), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(buffer_).subspan(end_);
}

void Session::received(net::TimePoint now, std::size_t count) {
  if (failed_ || count == 0) return;
  heard_at_ = now;
  busy_at_check_ = false;
  if (const std::span<std::byte> direct = direct_target(); !direct.empty()) {
    CHECK(count <= direct.size());
    (chunk_ ? chunk_->passed : large_size_) += static_cast<std::uint32_t>(count);
  } else {
    CHECK(count <= kBufferSize - end_);
    end_ += count;
  }
}

void Session::end_of_input() { input_ended_ = true; }

void Session::resume() { waiting_ = false; }

void Session::abandon_chunk() {
  if (chunk_) chunk_->buffer = {};
}

std::optional<ChunkHeader> Session::chunk_under_way() const {
  if (!chunk_ || chunk_->buffer.empty()) return std::nullopt;
  return chunk_->header;
}

std::optional<Event> Session::next_event() {
  std::optional<Event> event;
  while (!failed_ && !event && step(event)) {
  }
  if (event) return event;
  if (input_ended_ && !failed_ && !waiting_) fail_at_end_of_input();
  if (!failed_) return std::nullopt;
  // The entries of a list that was cut off are as good as any.
  if (peers_) return take_peers();
  if (!failure_) return std::nullopt;
  return Event(*std::exchange(failure_, std::nullopt));
}

bool Session::step(std::optional<Event>& event) {
  if (waiting_ || handed_over_) return false;
  if (chunk_) return step_chunk_data(event);
  if (peers_) return step_peers(event);
  if (to_skip_ > 0) return step_skip();
  if (!frame_) return step_start(event);
  return frame_->type == kChunkType ? step_chunk_header() : step_message(event);
}

/// True when the other end speaks something else.
bool Session::step_opening(std::optional<Event>& event) {
  const Opening opening = opening_of(buffered().front());
  if (opening == Opening::kPeer) return false;
  if (opening == Opening::kLegacy && legacy_) {
    handed_over_ = true;
    event = LegacyOpened{};
  } else {
    // Nothing is said: it would not be understood.
    fail(ErrorCode::kDialect, std::string(refusal_of(opening)), Tell::kNo);
  }
  return true;
}

bool Session::step_start(std::optional<Event>& event) {
  const net::ByteView in = buffered();
  if (in.empty()) return false;
  if (!opened_ && role_ == Role::kAccepted && step_opening(event)) return true;
  opened_ = true;
  if (begins_peer_list(in.front())) {
    drop(1);
    peers_.emplace();
    return true;
  }
  if (!net::is_frame_type(std::to_integer<std::uint8_t>(in.front()))) {
    fail(ErrorCode::kMalformed, "byte 0x" + net::to_hex(in.first(1)) + " where a message should begin");
    return true;
  }
  if (in.size() < net::FrameHeader::kSize) return false;
  begin_frame(*net::decode_frame_header(in));
  return true;
}

void Session::begin_frame(const net::FrameHeader& header) {
  if (std::optional<Failed> refusal = refusal_of_frame(header)) {
    fail(refusal->code, std::move(refusal->reason));
    return;
  }
  drop(net::FrameHeader::kSize);
  if (!is_known(header.type)) {
    to_skip_ = header.length;
    return;
  }
  frame_ = header;
  if (header.type != kChunkType && header.length > kBufferSize) large_.resize(header.length);
}

std::optional<Failed> Session::refusal_of_frame(const net::FrameHeader& header) const {
  const bool may_come_before_hello = header.type == kHelloType || header.type == kErrorType || header.type == kByeType;
  if (!hello_received_ && !may_come_before_hello) {
    return Failed{ErrorCode::kWrongState, name_of_type(header.type) + " before HELLO"};
  }
  if (hello_received_ && header.type == kHelloType) return Failed{ErrorCode::kWrongState, "a second HELLO"};
  if (header.length > max_payload(header.type) || (!hello_received_ && header.length > kMaxPayloadBeforeHello)) {
    return Failed{ErrorCode::kTooLarge,
                  name_of_type(header.type) + " of " + std::to_string(header.length) + " bytes is too large"};
  }
  return std::nullopt;
}

bool Session::step_skip() {
  const std::size_t count = std::min<std::size_t>(buffered().size(), to_skip_);
  drop(count);
  to_skip_ -= static_cast<std::uint32_t>(count);
  return count > 0;
}

bool Session::step_peers(std::optional<Event>& event) {
  if (buffered().empty()) return false;
  drop(peers_->feed(buffered()));
  if (peers_->state() == PeerGossipParser::State::kDone) event = take_peers();
  if (peers_ && peers_->state() == PeerGossipParser::State::kTooLong) {
    fail(ErrorCode::kTooLarge, "a peer list without an end");
  }
  return true;
}

Event Session::take_peers() {
  PeersReceived received{peers_->endpoints(), peers_->dropped()};
  peers_.reset();
  return received;
}

bool Session::step_chunk_header() {
  if (buffered().size() < std::min<std::size_t>(ChunkHeader::kSize, frame_->length)) return false;
  const auto header = decode_chunk_header(buffered(), frame_->length);
  if (!header) {
    fail(ErrorCode::kMalformed, "CHUNK: " + std::string(text_of(header.error())));
    return true;
  }
  const std::uint32_t size = frame_->length - static_cast<std::uint32_t>(ChunkHeader::kSize);
  const Placement placement = sink_.place(*header, size);
  if (std::holds_alternative<Wait>(placement)) {
    waiting_ = true;
    return false;
  }
  chunk_ = IncomingChunk{*header, size};
  if (const Place* place = std::get_if<Place>(&placement)) {
    CHECK(place->buffer.size() == size);
    chunk_->buffer = place->buffer;
  }
  drop(ChunkHeader::kSize);
  frame_.reset();
  return true;
}

bool Session::step_chunk_data(std::optional<Event>& event) {
  const net::ByteView in = buffered().first(std::min<std::size_t>(buffered().size(), chunk_->size - chunk_->passed));
  if (!chunk_->buffer.empty()) std::copy(in.begin(), in.end(), chunk_->buffer.begin() + chunk_->passed);
  chunk_->passed += static_cast<std::uint32_t>(in.size());
  drop(in.size());
  if (chunk_->passed < chunk_->size) return false;
  if (chunk_->buffer.empty()) {
    event = ChunkSkipped{chunk_->header, chunk_->size};
  } else {
    event = ChunkReceived{chunk_->header, chunk_->size};
  }
  chunk_.reset();
  return true;
}

bool Session::step_message(std::optional<Event>& event) {
  const std::optional<net::ByteView> payload = take_payload();
  if (!payload) return false;
  const std::uint8_t type = frame_->type;
  frame_.reset();
  auto message = decode(type, *payload);
  large_ = {};
  large_size_ = 0;
  if (message) {
    event = handle(std::move(message).value());
  } else {
    fail(ErrorCode::kMalformed, name_of_type(type) + ": " + std::string(text_of(message.error())));
  }
  return true;
}

std::optional<net::ByteView> Session::take_payload() {
  if (large_.empty()) {
    if (buffered().size() < frame_->length) return std::nullopt;
    const net::ByteView payload = buffered().first(frame_->length);
    drop(frame_->length);
    return payload;
  }
  const net::ByteView in = buffered().first(std::min<std::size_t>(buffered().size(), large_.size() - large_size_));
  std::copy(in.begin(), in.end(), large_.begin() + large_size_);
  large_size_ += static_cast<std::uint32_t>(in.size());
  drop(in.size());
  if (large_size_ < large_.size()) return std::nullopt;
  return net::ByteView(large_);
}

std::optional<Event> Session::handle(Message message) {
  if (Hello* hello = std::get_if<Hello>(&message)) return handle_hello(std::move(*hello));
  if (const Ping* ping = std::get_if<Ping>(&message)) {
    send(Pong{ping->token});
    return std::nullopt;
  }
  if (std::holds_alternative<Pong>(message)) return std::nullopt;
  return MessageReceived{std::move(message)};
}

std::optional<Event> Session::handle_hello(Hello hello) {
  if (hello.instance == own_.instance && hello.public_key == own_.public_key) {
    fail(ErrorCode::kSelf, "it is this very process");
    return std::nullopt;
  }
  hello_received_ = true;
  if (role_ == Role::kAccepted) queue_bytes(encode(own_));
  return HelloReceived{std::move(hello)};
}

// --- what goes ------------------------------------------------------------------------------------------------------

void Session::queue_bytes(net::Bytes bytes) {
  if (failed_) return;
  const std::size_t size = bytes.size();
  if (queue_.push(std::move(bytes))) {
    queued_total_ += size;
  } else {
    fail(ErrorCode::kOverflow, "it does not read what it is sent", Tell::kNo);
  }
}

void Session::send(const Message& message) {
  CHECK(established() || failed());
  CHECK(!std::holds_alternative<Hello>(message) && !std::holds_alternative<Chunk>(message));
  queue_bytes(encode(message));
}

void Session::send_peers(std::span<const net::Endpoint> endpoints) {
  CHECK(established() || failed());
  queue_bytes(encode_peer_gossip(endpoints));
}

void Session::send_chunk(const ChunkHeader& header, net::FileRange range) {
  CHECK(established() || failed());
  CHECK(range.length >= 1 && range.length <= kMaxChunkSize);
  const std::uint64_t size = range.length;
  queue_bytes(encode_chunk_header(header, static_cast<std::uint32_t>(size)));
  if (failed_) return;
  if (queue_.push(std::move(range))) {
    queued_total_ += size;
  } else {
    fail(ErrorCode::kOverflow, "it does not read what it is sent", Tell::kNo);
  }
}

// --- time and failure -----------------------------------------------------------------------------------------------

std::optional<net::TimePoint> Session::deadline() const {
  if (failed_) return std::nullopt;
  if (!hello_received_) return started_at_ + limits_.handshake;
  const net::TimePoint quiet =
      std::min(std::max(heard_at_, checked_at_) + limits_.ping_after, heard_at_ + limits_.fail_after);
  return probed_at_ ? std::min(quiet, *probed_at_ + limits_.probe_time) : quiet;
}

void Session::expire(net::TimePoint now) {
  if (failed_ || now < *deadline()) return;
  if (!hello_received_) {
    fail(ErrorCode::kTimeout, "no HELLO in time");
    return;
  }
  note_signs_of_life(now);
  if (now >= heard_at_ + limits_.fail_after) {
    fail(ErrorCode::kTimeout, "silent for too long");
    return;
  }
  if (probed_at_ && now >= *probed_at_ + limits_.probe_time) {
    if (heard_at_ < *probed_at_) {
      fail(ErrorCode::kTimeout, "no answer to a PING");
      return;
    }
    probed_at_.reset();
    if (now < std::max(heard_at_, checked_at_) + limits_.ping_after) return;
  }
  checked_at_ = now;
  send(Ping{++pings_});
}

void Session::probe(net::TimePoint now) {
  if (failed_ || !hello_received_ || probed_at_) return;
  note_signs_of_life(now);
  probed_at_ = now;
  checked_at_ = now;
  send(Ping{++pings_});
}

/// Silence is not death while we do not read, nor while our PING waits behind data that the other end takes. Data that
/// was queued and has moved since the last look is such a sign; a PING alone that went into the kernel's buffer is not.
void Session::note_signs_of_life(net::TimePoint now) {
  const std::uint64_t sent = queued_total_ - queue_.pending();
  if (waiting_ || (busy_at_check_ && sent > sent_at_check_)) heard_at_ = now;
  busy_at_check_ = !queue_.empty();
  sent_at_check_ = sent;
}

void Session::fail_at_end_of_input() {
  const bool inside = begin_ != end_ || frame_ || chunk_ || to_skip_ > 0;
  fail(ErrorCode::kClosed, inside ? "closed in the middle of a message" : "closed by the other end", Tell::kNo);
}

void Session::fail(ErrorCode code, std::string reason, Tell tell) {
  if (failed_) return;
  if (tell == Tell::kYes) {
    // Where even that does not fit, the other end learns it from the close.
    [[maybe_unused]] const bool told = queue_.push(encode(Error{0, code, reason}));
  }
  failed_ = true;
  failure_ = Failed{code, std::move(reason)};
  chunk_.reset();
  large_ = {};
}

}  // namespace peer::wire
