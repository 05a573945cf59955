// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "net/fd.h"
#include "net/select_loop.h"
#include "peer/control/grammar.h"
#include "peer/operations/operation.h"

namespace peer::control {

/// A command that the running peer of a home carries out for us; seen from here it is an operation like any other. Its
/// exit status is the one that the peer's last response says. To detach (the peer goes on with a download), destroy it;
/// cancel() stops the work.
class RemoteOperation final : public operations::Operation, private net::Pollable {
 public:
  /// `socket` comes from connect_control(). Joins `loop`, which must outlive it; all is sent and read in its dispatch,
  /// so the loop's wait() is what to block in, and it returns on signals. A request that cannot be written down ends it
  /// at once with exit status 2.
  RemoteOperation(net::Fd socket, const Request& request, net::SelectLoop& loop);
  ~RemoteOperation() override;

  void step(net::TimePoint) override {}
  void cancel(net::TimePoint now) override;
  bool outlives_client() const override { return true; }
  bool endless() const override { return endless_; }

 private:
  int fd() const override { return socket_.get(); }
  bool wants_read() const override { return !done(); }
  bool wants_write() const override { return !done() && !unsent_.empty(); }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint now) override;
  void parse(std::string_view bytes);
  void take(ResponsePart part);
  void end_with_error(int exit_status, const std::string& why);
  void end();

  net::Fd socket_;
  net::SelectLoop& loop_;
  std::string unsent_;
  ResponseParser parser_;
  std::optional<ResponseHead> last_;  ///< The response that ends the answer.
  bool told_ = false;                 ///< A data line came.
  bool endless_ = false;
  bool cancelled_ = false;
};

}  // namespace peer::control
