// SPDX-License-Identifier: MIT
#include "peer/legacy/get.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <ctime>
#include <utility>
#include <vector>

#include "net/socket.h"
#include "peer/actions.h"
#include "peer/files/finish.h"
#include "peer/files/merkle.h"
#include "peer/files/partial.h"
#include "peer/operations/events.h"
#include "peer/operations/exit_status.h"
#include "peer/operations/records.h"

namespace peer::legacy {
namespace {

using operations::to_json_line;

constexpr std::size_t kReplyPiece = 64u << 10;
/// It is given up when it does not take the connection, says nothing, or has not sent all for so long. At 16 MiB the
/// last is less than 30 kB/s.
constexpr net::Duration kConnectTime = std::chrono::seconds(5);
constexpr net::Duration kSilence = std::chrono::seconds(30);
constexpr net::Duration kWholeTime = std::chrono::minutes(10);
/// Files that are made durable together.
constexpr std::size_t kSavedTogether = 256;
constexpr std::uint32_t kMode = 0600;

files::ContentId id_of(net::ByteView content) {
  files::TreeHasher hasher;
  hasher.update(content);
  return hasher.finish().id;
}

}  // namespace

Get::Get(net::SelectLoop& loop, const Home& home, const net::Log& log, GetRequest request, net::TimePoint now)
    : loop_(loop),
      home_(home),
      log_(log),
      request_(std::move(request)),
      client_log_(home.state(), "client.log", log),
      started_(now),
      heard_at_(now),
      files_(home.partial()) {
  if (!request_.folder.empty()) {
    if (auto tried = files::try_writing(request_.folder); !tried) {
      const std::string why = tried.error().message();
      give_up(now, operations::kExitFailed, "nothing can be written to " + request_.folder + ": " + why);
      return;
    }
  }
  auto socket = net::connect_tcp(request_.server);
  if (!socket) {
    give_up(now, operations::kExitNoPeer, socket.error().message());
    return;
  }
  socket_ = std::move(*socket);
  loop_.add(*this);
}

Get::~Get() { hang_up(); }

void Get::hang_up() {
  if (!socket_) return;
  loop_.remove(*this);
  socket_ = net::Fd();
}

// --- the connection ---

void Get::on_writable(net::TimePoint now) {
  if (stage_ == Stage::kConnecting) {
    if (auto connected = net::connect_result(socket_.get()); !connected) {
      return give_up(now, operations::kExitNoPeer, connected.error().message());
    }
    stage_ = Stage::kReading;
    reached_ = true;
    heard_at_ = now;
  }
  const net::IoResult result = net::send(socket_.get(), net::as_bytes(unsent_));
  if (result.status == net::IoResult::Status::kMoved) unsent_.erase(0, result.count);
  // Reading tells what has become of it.
  if (result.status == net::IoResult::Status::kFailed) unsent_.clear();
}

void Get::on_readable(net::TimePoint now) {
  std::array<std::byte, kReplyPiece> buffer;
  const net::IoResult result = net::receive(socket_.get(), buffer);
  switch (result.status) {
    case net::IoResult::Status::kMoved:
      heard_at_ = now;
      reply_.feed(net::ByteView(buffer).first(result.count));
      break;
    case net::IoResult::Status::kClosed:
      reply_.end();
      break;
    case net::IoResult::Status::kFailed:
      return give_up(now, operations::kExitFailed, net::SystemError{result.error}.message());
    case net::IoResult::Status::kWouldBlock:
      return;
  }
  look_at_reply(now);
}

void Get::look_at_reply(net::TimePoint now) {
  switch (reply_.state()) {
    case ReplyReader::State::kMore:
      return;
    case ReplyReader::State::kRefused:
      return give_up(now, operations::kExitFailed, reply_.error());
    case ReplyReader::State::kNothing:
      return give_up(now, operations::kExitNotFound,
                     "it closed the connection without sending files: it may not speak the dialect of older programs, "
                     "or share too much for it");
    case ReplyReader::State::kDone:
      return begin_saving(now);
  }
}

void Get::step(net::TimePoint now) {
  if (stage_ == Stage::kSaving) return save_batch(now);
  if (now < *deadline()) return;
  if (stage_ == Stage::kConnecting) return give_up(now, operations::kExitNoPeer, "no answer");
  give_up(
      now, operations::kExitFailed,
      now >= heard_at_ + kSilence ? "nothing came from it for 30 seconds" : "it did not send all within 10 minutes");
}

std::optional<net::TimePoint> Get::deadline() const {
  if (stage_ == Stage::kSaving) return net::TimePoint{};
  if (stage_ == Stage::kConnecting) return started_ + kConnectTime;
  return std::min(heard_at_ + kSilence, started_ + kWholeTime);
}

// --- the files ---

void Get::begin_saving(net::TimePoint now) {
  // It is only polite: whether it arrives does not matter.
  static_cast<void>(net::send(socket_.get(), net::as_bytes("q")));
  hang_up();
  stage_ = Stage::kSaving;
  log_.info(request_.server.to_string() + " sent " + std::to_string(reply_.pickle().size()) + " files, and told of " +
            std::to_string(reply_.endpoints().size()) + " peers");
  if (reply_.pickle().size() == 0) return give_up(now, operations::kExitNotFound, "it shares no file");
  const std::uint64_t space = home_.partial().free_space();
  if (reply_.pickle().content_bytes() > space) {
    give_up(now, operations::kExitFailed,
            files::describe({files::PartialError::Kind::kNoSpace, {ENOSPC}, reply_.pickle().content_bytes(), space}));
  }
}

std::string Get::name_of(std::size_t item) const {
  std::string name = "legacy-" + request_.server.address.to_string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  std::string number = std::to_string(item + 1);
  if (number.size() < 3) number.insert(0, 3 - number.size(), '0');
  return name + "-" + number;
}

void Get::save_batch(net::TimePoint now) {
  const std::size_t last = std::min(next_ + kSavedTogether, reply_.pickle().size());
  const std::int64_t mtime_s = std::time(nullptr);
  std::vector<files::SmallFiles::Placing> batch;
  for (std::size_t item = next_; item < last; ++item) {
    const net::ByteView content = reply_.pickle().item(item);
    const files::ContentId id = id_of(content);
    const auto status = files_.write(item, content, mtime_s, kMode);
    if (status) {
      batch.push_back({item, id, {request_.folder, name_of(item)}, *status});
    } else {
      tell(item, id, net::Failure{status.error()}, now);
    }
  }
  next_ = last;
  const std::vector<files::Placed> placed = files_.place(batch, home_.downloads_or_partial());
  for (std::size_t i = 0; i < batch.size(); ++i) tell(batch[i].number, batch[i].id, placed[i], now);
  client_log_.append(std::exchange(records_, {}));
  if (next_ < reply_.pickle().size()) return;
  end(now, failed_ == 0 ? operations::kExitDone : saved_ == 0 ? operations::kExitFailed : operations::kExitSome);
}

void Get::tell(std::size_t item, const files::ContentId& id, const files::Placed& placed, net::TimePoint now) {
  operations::Download record;
  record.time = std::time(nullptr);
  record.path = place_of(request_.folder, placed ? placed->path : name_of(item));
  record.id = id.to_string();
  record.size = record.bytes = id.length;
  record.seconds = net::to_seconds(now - started_);
  record.rate = operations::mean_rate(id.length, now - started_);
  record.sources = {{request_.server.to_string(), "", id.length, record.rate}};
  record.sources_count = 1;
  if (placed) {
    ++saved_;
    record.result = placed->already_here ? "already_there" : "done";
    emit(to_json_line(
        operations::Done{record.path, record.id, record.size, record.seconds, record.bytes, placed->already_here}));
  } else {
    ++failed_;
    record.result = "failed";
    record.error = "the file cannot be written: " + placed.error().message();
    emit(to_json_line(operations::Failed{record.path, record.id, record.error}));
  }
  records_.push_back(to_json_line(record));
}

// --- the end ---

void Get::cancel(net::TimePoint now) {
  if (!done()) give_up(now, saved_ == 0 ? operations::kExitFailed : operations::kExitSome, "stopped");
}

void Get::give_up(net::TimePoint now, int exit_status, const std::string& why) {
  emit(to_json_line(operations::Error{request_.server.to_string() + ": " + why}));
  end(now, exit_status);
}

void Get::end(net::TimePoint now, int exit_status) {
  hang_up();
  operations::Summary summary;
  summary.exit = exit_status;
  summary.files = saved_;
  summary.failed = reply_.state() == ReplyReader::State::kDone ? reply_.pickle().size() - saved_ : 0;
  summary.peers = reached_ ? 1 : 0;
  summary.bytes = reply_.state() == ReplyReader::State::kDone ? reply_.pickle().content_bytes() : 0;
  summary.seconds = net::to_seconds(now - started_);
  emit(to_json_line(summary));
  finish(exit_status);
}

}  // namespace peer::legacy
