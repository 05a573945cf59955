// SPDX-License-Identifier: MIT
#include "peer/control/client.h"

#include <array>
#include <cerrno>
#include <utility>

#include "net/bytes.h"
#include "net/socket.h"
#include "peer/operations/events.h"

namespace peer::control {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;

}  // namespace

RemoteOperation::RemoteOperation(net::Fd socket, const Request& request, net::SelectLoop& loop)
    : socket_(std::move(socket)), loop_(loop), endless_(request.op == "WATCH") {
  loop_.add(*this);
  auto line = format_request(request);
  if (line)
    unsent_ = std::move(*line);
  else
    end_with_error(2, line.error() == RequestError::kTooLong ? "too many or too long names for one request"
                                                             : "a name holds a NUL byte");
}

RemoteOperation::~RemoteOperation() { loop_.remove(*this); }

void RemoteOperation::cancel(net::TimePoint) {
  cancelled_ = true;
  if (!done()) unsent_ += "CANCEL\r\n";
}

void RemoteOperation::on_writable(net::TimePoint) {
  auto result = net::send(socket_.get(), net::as_bytes(unsent_));
  if (result.status == net::IoResult::Status::kMoved) unsent_.erase(0, result.count);
  // The peer may have answered before it closed: reading tells.
  if (result.status == net::IoResult::Status::kClosed || result.status == net::IoResult::Status::kFailed)
    unsent_.clear();
}

void RemoteOperation::on_readable(net::TimePoint) {
  std::array<std::byte, kReadSize> buffer;
  auto result = net::receive(socket_.get(), buffer);
  switch (result.status) {
    case net::IoResult::Status::kMoved:
      parse(net::as_text(net::ByteView(buffer).first(result.count)));
      break;
    case net::IoResult::Status::kFailed:
      if (result.error != ECONNRESET) {
        end_with_error(1, "read from the running peer: " + net::SystemError{result.error}.message());
        break;
      }
      // It was ending, and had not taken this connection yet.
      [[fallthrough]];
    case net::IoResult::Status::kClosed:
      end_with_error(1, "the running peer went away before it had answered");
      break;
    case net::IoResult::Status::kWouldBlock:
      break;
  }
}

void RemoteOperation::parse(std::string_view bytes) {
  while (!done()) {
    auto part = parser_.feed(bytes);
    if (!part) return;
    if (!*part)
      end_with_error(1, "cannot understand the running peer: " + std::string(describe(part->error())));
    else
      take(std::move(*part).value());
  }
}

void RemoteOperation::take(ResponsePart part) {
  if (auto* line = std::get_if<DataLine>(&part)) {
    told_ = true;
    emit(std::move(line->text));
  } else if (auto& head = std::get<ResponseHead>(part); head.code != kContinue.code) {
    last_ = std::move(head);
  }
  if (last_ && parser_.idle()) end();
}

void RemoteOperation::end() {
  int exit_status = exit_of_status(last_->code, last_->message);
  if (exit_status != 0 && !told_)
    end_with_error(exit_status, "the running peer answers: " + std::to_string(last_->code) + " " + last_->message);
  else if (endless_ && !cancelled_)
    end_with_error(1, "the running peer has ended");
  else
    finish(exit_status);
}

void RemoteOperation::end_with_error(int exit_status, const std::string& why) {
  emit(operations::to_json_line(operations::Error{why}));
  finish(exit_status);
}

}  // namespace peer::control
