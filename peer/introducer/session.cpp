// SPDX-License-Identifier: MIT
#include "peer/introducer/session.h"

#include <utility>

#include "net/check.h"

namespace peer::introducer {

void Session::receive(net::TimePoint now, std::string_view bytes) {
  CHECK(wants_input());
  if (closing_) return;
  input_ = bytes;
  answer_requests(now);
}

void Session::answer_requests(net::TimePoint now) {
  std::string_view rest = input_;
  while (!closing_ && output().size() < kHighWater) {
    auto request = parser_.feed(rest);
    if (!request) break;
    auto answer = service_.answer(now, source_, *request);
    output_ += answer.bytes;
    if (!answer.last) continue;
    closing_ = true;
    rest = {};
    request_by_ = now + kClosingTime;
  }
  input_ = std::string(rest);
}

void Session::step(net::TimePoint now) {
  if (!input_.empty()) answer_requests(now);
  if (now >= last_moment()) dropped_ = true;
}

void Session::sent(net::TimePoint now, std::size_t count) {
  CHECK(count <= output().size());
  output_sent_ += count;
  if (count != 0 && output().empty() && !closing_) request_by_ = now + kRequestTime;
  // Moving the rest to the front only when it is the smaller part keeps this linear.
  if (output_sent_ >= output_.size() - output_sent_) {
    output_.erase(0, output_sent_);
    output_sent_ = 0;
  }
}

}  // namespace peer::introducer
