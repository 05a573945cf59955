// SPDX-License-Identifier: MIT
#include "peer/control/session.h"

#include <algorithm>
#include <span>

#include "net/check.h"
#include "peer/operations/events.h"

namespace peer::control {
namespace {

constexpr std::string_view kCancel = "CANCEL";

/// How many of the first lines fit into one response; at least one.
std::size_t lines_of_one_response(std::span<const std::string> lines) {
  std::size_t length = 0, count = 0;
  while (count < lines.size() && (length += lines[count].size() + 2) <= kMaxContent) ++count;
  return count;
}

}  // namespace

void Session::receive(net::TimePoint now, std::string_view bytes) {
  CHECK(wants_input());
  input_ = bytes;
  read_requests(now);
}

void Session::read_requests(net::TimePoint now) {
  std::string_view rest = input_;
  while (!next_ && !closing_) {
    auto answer = parser_.feed(rest);
    if (!answer) break;
    if (answer->ok() && answer->value().op == kCancel) {
      if (operation_ && !operation_->done()) operation_->cancel(now);
    } else {
      next_ = std::move(answer);
    }
  }
  input_ = std::string(rest);
}

void Session::step(net::TimePoint now) {
  while (!behind() && !dropped_) {
    if (!operation_ && !begin_next(now)) break;
    if (!operation_) continue;
    if (!operation_->done()) operation_->step(now);
    tell(now);
    if (operation_) break;
  }
  if (output().size() > kMaxOutput || (!output().empty() && now - last_taken_ >= kStall)) dropped_ = true;
}

/// Takes the request that waits: begins its operation or refuses it. False when none waits.
bool Session::begin_next(net::TimePoint now) {
  if (!next_) return false;
  auto request = std::move(*next_);
  next_.reset();
  if (!request) {
    closing_ = closing_ || request.error() == RequestError::kTooLong;
    refuse(now, {kMalformedRequest, ""});
  } else if (auto command = to_command(*request); !command) {
    refuse(now, {kMalformedRequest, ""});
  } else if (auto operation = handler_.start(now, *command); !operation) {
    refuse(now, operation.error());
  } else {
    operation_ = std::move(*operation);
    CHECK(operation_ != nullptr);
  }
  read_requests(now);
  return true;
}

void Session::refuse(net::TimePoint now, const Refusal& refusal) {
  std::vector<std::string> lines;
  if (!refusal.reason.empty()) lines.push_back(operations::to_json_line(operations::Error{refusal.reason}));
  put(now, format_response(refusal.status, lines));
}

/// Passes on what the operation has to say, and ends it where it is done.
void Session::tell(net::TimePoint now) {
  auto lines = operation_->take_lines();
  std::span<const std::string> rest = lines;
  while (!rest.empty()) {
    auto count = lines_of_one_response(rest);
    if (count == rest.size() && operation_->done()) break;
    put(now, format_response(kContinue, rest.first(count)));
    rest = rest.subspan(count);
  }
  if (!operation_->done()) return;
  put(now, format_response(status_of_exit(operation_->exit_status()), rest));
  operation_.reset();
}

void Session::put(net::TimePoint now, const std::string& response) {
  if (output().empty()) {
    output_.clear();
    output_sent_ = 0;
    last_taken_ = now;
  }
  output_ += response;
}

void Session::sent(net::TimePoint now, std::size_t count) {
  CHECK(count <= output().size());
  output_sent_ += count;
  if (count != 0) last_taken_ = now;
  // Moving the rest to the front only when it is the smaller part keeps this linear.
  if (output_sent_ >= output_.size() - output_sent_) {
    output_.erase(0, output_sent_);
    output_sent_ = 0;
  }
}

std::optional<net::TimePoint> Session::deadline() const {
  std::optional<net::TimePoint> at;
  if (!output().empty()) at = last_taken_ + kStall;
  if (operation_ && !behind()) at = net::earlier(at, operation_->deadline());
  return at;
}

bool Session::over() const {
  if (dropped_) return true;
  if (operation_ || next_ || !output().empty()) return false;
  return closing_ || (input_ended_ && input_.empty());
}

void Session::shut_down(net::TimePoint now) {
  closing_ = true;
  next_.reset();
  input_.clear();
  if (operation_ && !operation_->done()) operation_->cancel(now);
}

std::unique_ptr<operations::Operation> Session::release(net::TimePoint now) {
  auto operation = std::move(operation_);
  if (!operation || operation->done()) return nullptr;
  if (operation->outlives_client()) return operation;
  operation->cancel(now);
  return nullptr;
}

}  // namespace peer::control
