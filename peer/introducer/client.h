// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/result.h"
#include "peer/control/grammar.h"
#include "peer/introducer/protocol.h"

/// A peer's side of the introducer's protocol (p2pdns(8)): what to send, and what came back. The lines may be sent in
/// one go, each is answered in its turn.
namespace peer::introducer {

/// The request's line, CRLF included. The endpoint's address should be the local one of the connection it is sent on,
/// or an unspecified one, which stands for that. REQUIRES: as to_request().
std::string format_request(const Command& command);

struct Answer {
  unsigned code = 0;
  std::string message;
  std::vector<Peer> peers;  ///< Hints, as whatever comes from others; the caller applies its address policy.
  bool ok() const { return code == 200; }
  bool operator==(const Answer&) const = default;
};

enum class AnswerError {
  kNoResponse,    ///< Not a response of this protocol.
  kTooMany,       ///< More peers than the protocol can tell.
  kMalformedPeer  ///< A data line that is no peer.
};
/// For people.
std::string_view describe(AnswerError error);

/// Takes answers apart as their bytes arrive, in pieces of any size. Holds at most one line and kMaxCount peers.
class AnswerParser {
 public:
  /// The longest content there can be: "32,ID,IPV6,PORT" and CRLF, kMaxCount times.
  static constexpr std::size_t kMaxContent = kMaxCount * (2 + 1 + kMaxIdSize + 1 + 45 + 1 + 5 + 2);

  /// Takes bytes off the front of `in`, up to the end of the first answer in it. Nothing: all was taken and the answer
  /// is not complete. An error is final, every later call repeats it.
  std::optional<net::Result<Answer, AnswerError>> feed(std::string_view& in);
  /// True between two answers.
  bool idle() const { return !error_ && !begun_ && lines_.idle(); }

 private:
  net::Result<Answer, AnswerError> fail(AnswerError error);

  control::ResponseParser lines_;
  Answer answer_;
  bool begun_ = false;
  std::optional<AnswerError> error_;
};

}  // namespace peer::introducer
