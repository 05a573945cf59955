// SPDX-License-Identifier: MIT
#include "peer/introducer/client.h"

#include <utility>

#include "net/check.h"

namespace peer::introducer {

std::string format_request(const Command& command) {
  auto line = control::format_request(to_request(command));
  // Its arguments are far shorter than a line may be.
  CHECK(line.ok());
  return std::move(*line);
}

std::string_view describe(AnswerError error) {
  switch (error) {
    case AnswerError::kNoResponse:
      return "the answer is not one of an introducer";
    case AnswerError::kTooMany:
      return "the introducer tells of more peers than it may";
    case AnswerError::kMalformedPeer:
      return "the introducer's answer has a line that is no peer";
  }
  return "";
}

net::Result<Answer, AnswerError> AnswerParser::fail(AnswerError error) {
  error_ = error;
  answer_ = {};
  return net::Failure{error};
}

std::optional<net::Result<Answer, AnswerError>> AnswerParser::feed(std::string_view& in) {
  if (error_) return fail(*error_);
  while (auto part = lines_.feed(in)) {
    if (!*part) return fail(AnswerError::kNoResponse);
    if (auto* head = std::get_if<control::ResponseHead>(&part->value())) {
      if (head->content_length > kMaxContent) return fail(AnswerError::kTooMany);
      answer_ = {head->code, std::move(head->message), {}};
      begun_ = true;
    } else {
      auto peer = parse_peer(std::get<control::DataLine>(part->value()).text);
      if (!peer) return fail(AnswerError::kMalformedPeer);
      if (answer_.peers.size() >= kMaxCount) return fail(AnswerError::kTooMany);
      answer_.peers.push_back(*std::move(peer));
    }
    if (lines_.idle()) {
      begun_ = false;
      return net::Result<Answer, AnswerError>(std::exchange(answer_, {}));
    }
  }
  return std::nullopt;
}

}  // namespace peer::introducer
