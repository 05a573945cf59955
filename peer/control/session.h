// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/result.h"
#include "net/time.h"
#include "peer/control/command.h"
#include "peer/control/grammar.h"
#include "peer/operations/operation.h"

namespace peer::control {

/// Why a command is not begun.
struct Refusal {
  Status status = kUnknownOperation;
  std::string reason;  ///< For people; may be empty.
};

/// Turns commands into operations. CANCEL never comes here.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Cheap: what takes time belongs into the operation's steps.
  virtual net::Result<std::unique_ptr<operations::Operation>, Refusal> start(net::TimePoint now,
                                                                             const Command& command) = 0;
};

/// One client of the control socket: requests are carried out one after another, in their order. It is passive; the
/// driver passes what it reads to receive(), sends what output() shows, calls step() after every pass of the loop and
/// at the deadline, and closes the connection when it is over().
///
/// While an operation runs, the request CANCEL cancels it. CANCEL has no answer of its own (with nothing to cancel it
/// does nothing), so answers and requests never get out of step.
class Session {
 public:
  /// Above this much unsent output the operation rests: it is not stepped, and no other is begun.
  static constexpr std::size_t kHighWater = std::size_t{256} << 10;
  /// One step can tell more than that. A client that leaves this much unread is dropped at once (threats T18) ...
  static constexpr std::size_t kMaxOutput = std::size_t{64} << 20;
  /// ... and so is one that takes nothing for this long while something waits.
  static constexpr std::chrono::seconds kStall{30};

  /// `handler` must outlive the session.
  explicit Session(Handler& handler) : handler_(handler) {}

  /// False while enough has been read already.
  bool wants_input() const { return !input_ended_ && !closing_ && input_.empty(); }
  /// REQUIRES: wants_input(). `bytes` is one read; it bounds what is held.
  void receive(net::TimePoint now, std::string_view bytes);
  /// The client sends nothing more; what it asked for is still answered.
  void end_of_input() { input_ended_ = true; }
  void step(net::TimePoint now);

  std::string_view output() const { return std::string_view(output_).substr(output_sent_); }
  /// REQUIRES: count <= output().size().
  void sent(net::TimePoint now, std::size_t count);

  std::optional<net::TimePoint> deadline() const;
  /// All is answered and sent, or the client is to be dropped.
  bool over() const;
  /// Cancels what runs and begins nothing more; over() once the last answer is sent.
  void shut_down(net::TimePoint now);

  /// The client is gone. Gives the running operation where it outlives its client, otherwise cancels it.
  std::unique_ptr<operations::Operation> release(net::TimePoint now);

 private:
  void read_requests(net::TimePoint now);
  bool begin_next(net::TimePoint now);
  void refuse(net::TimePoint now, const Refusal& refusal);
  void tell(net::TimePoint now);
  void put(net::TimePoint now, const std::string& response);
  bool behind() const { return output().size() >= kHighWater; }

  Handler& handler_;
  RequestParser parser_;
  std::string input_;  ///< Read, but not looked at: behind the request that waits.
  std::optional<net::Result<Request, RequestError>> next_;
  std::unique_ptr<operations::Operation> operation_;
  std::string output_;
  std::size_t output_sent_ = 0;
  net::TimePoint last_taken_;  ///< When the client last took something, or the output stopped being empty.
  bool input_ended_ = false;
  bool closing_ = false;
  bool dropped_ = false;
};

}  // namespace peer::control
