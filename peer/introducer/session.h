// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/time.h"
#include "peer/control/grammar.h"
#include "peer/introducer/service.h"

namespace peer::introducer {

/// One connection to the introducer. It is passive: the driver passes what it reads to receive(), sends what output()
/// shows, stops sending when sending_ended(), calls step() after every pass of the loop and at the deadline, and closes
/// the connection when it is over().
class Session {
 public:
  /// A request must be complete this long after the connection was made or the last answer was taken whole (T16) ...
  static constexpr std::chrono::seconds kRequestTime{10};
  /// ... and no connection lasts longer than this.
  static constexpr std::chrono::seconds kLifetime{60};
  /// How long the other end has to take the last answer and to close. Closing first, with its bytes unread, would make
  /// the kernel drop that answer.
  static constexpr std::chrono::seconds kClosingTime{2};
  /// Above this much unsent output nothing more is read or answered (T18).
  static constexpr std::size_t kHighWater = 16 * 1024;

  /// `service` must outlive the session.
  Session(net::TimePoint now, const net::Endpoint& source, Service& service)
      : service_(service), source_(source), request_by_(now + kRequestTime), end_by_(now + kLifetime) {}

  bool wants_input() const { return !input_ended_ && input_.empty() && (closing_ || output().size() < kHighWater); }
  /// REQUIRES: wants_input().
  void receive(net::TimePoint now, std::string_view bytes);
  /// The other end sends nothing more; what it asked for is still answered.
  void end_of_input() { input_ended_ = true; }
  void step(net::TimePoint now);

  std::string_view output() const { return std::string_view(output_).substr(output_sent_); }
  /// REQUIRES: count <= output().size().
  void sent(net::TimePoint now, std::size_t count);
  /// All is sent that will ever be.
  bool sending_ended() const { return output().empty() && (closing_ || (input_ended_ && input_.empty())); }

  /// When step() has something to do: at once where requests waited for the output to be taken, and it was.
  net::TimePoint deadline() const {
    if (!input_.empty() && output().size() < kHighWater) return {};
    return last_moment();
  }
  bool over() const { return dropped_ || (sending_ended() && input_ended_); }

 private:
  void answer_requests(net::TimePoint now);
  net::TimePoint last_moment() const { return request_by_ < end_by_ ? request_by_ : end_by_; }

  Service& service_;
  net::Endpoint source_;
  control::RequestParser parser_;
  std::string input_;  ///< Read, but not looked at: what is unsent comes first.
  std::string output_;
  std::size_t output_sent_ = 0;
  net::TimePoint request_by_, end_by_;
  bool input_ended_ = false;
  bool closing_ = false;  ///< The last answer is in the output; what else comes is not looked at.
  bool dropped_ = false;
};

}  // namespace peer::introducer
