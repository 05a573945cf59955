// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/fd.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "peer/files/small_files.h"
#include "peer/home.h"
#include "peer/legacy/reply_reader.h"
#include "peer/operations/operation.h"
#include "peer/transfer_log.h"

namespace peer::legacy {

struct GetRequest {
  net::Endpoint server;
  std::string folder;  ///< Absolute; empty: downloads/ of the home.
};

/// `p2ppeer get --legacy`: fetches all that an older program shares. Nothing is written before all of it has come; then
/// each file becomes durable under a name of ours, as downloads do (threats T13, T25, T26). Alone on its thread: its
/// steps write to the disk.
class Get final : public operations::Operation, private net::Pollable {
 public:
  /// All must outlive it.
  Get(net::SelectLoop& loop, const Home& home, const net::Log& log, GetRequest request, net::TimePoint now);
  ~Get() override;

  void step(net::TimePoint now) override;
  std::optional<net::TimePoint> deadline() const override;
  void cancel(net::TimePoint now) override;

 private:
  enum class Stage { kConnecting, kReading, kSaving };

  int fd() const override { return socket_.get(); }
  bool wants_read() const override { return stage_ == Stage::kReading; }
  bool wants_write() const override {
    return stage_ == Stage::kConnecting || (stage_ == Stage::kReading && !unsent_.empty());
  }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint now) override;

  void look_at_reply(net::TimePoint now);
  void begin_saving(net::TimePoint now);
  void save_batch(net::TimePoint now);
  void tell(std::size_t item, const files::ContentId& id, const files::Placed& placed, net::TimePoint now);
  /// REQUIRES: the socket has joined the loop or was never made.
  void hang_up();
  void give_up(net::TimePoint now, int exit_status, const std::string& why);
  void end(net::TimePoint now, int exit_status);
  std::string name_of(std::size_t item) const;

  net::SelectLoop& loop_;
  const Home& home_;
  const net::Log& log_;
  GetRequest request_;
  TransferLog client_log_;
  net::TimePoint started_;
  net::TimePoint heard_at_;

  net::Fd socket_;
  Stage stage_ = Stage::kConnecting;
  std::string unsent_ = "req";
  bool reached_ = false;
  ReplyReader reply_;

  files::SmallFiles files_;
  std::size_t next_ = 0;  ///< The item to be saved next.
  std::size_t saved_ = 0;
  std::size_t failed_ = 0;
  std::vector<std::string> records_;  ///< For client.log.
};

}  // namespace peer::legacy
