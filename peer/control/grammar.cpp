// SPDX-License-Identifier: MIT
#include "peer/control/grammar.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "net/bytes.h"
#include "net/check.h"

namespace peer::control {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool is_operation_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxOperationName &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

/// Characters that need no encoding; fewer than the grammar allows, so that a line can be pasted into a shell.
bool is_plain(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c) || std::string_view("-._~/:").find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view arg) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (char c : arg) {
    if (is_plain(c)) {
      out += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

std::optional<std::string> decode(std::string_view arg) {
  std::string out;
  out.reserve(arg.size());
  for (std::size_t i = 0; i < arg.size(); ++i) {
    if (arg[i] != '%') {
      if (arg[i] < 0x21 || arg[i] > 0x7e) return std::nullopt;
      out += arg[i];
      continue;
    }
    std::byte byte{};
    if (!net::from_hex(arg.substr(i + 1, 2), std::span(&byte, 1)) || byte == std::byte{0}) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

/// `line` ends with LF. Nothing when it is not CRLF.
std::optional<std::string_view> without_crlf(std::string_view line) {
  if (line.size() < 2 || line[line.size() - 2] != '\r') return std::nullopt;
  return line.substr(0, line.size() - 2);
}

std::optional<Request> parse_request_line(std::string_view line) {
  auto text = without_crlf(line);
  if (!text) return std::nullopt;
  auto end = std::min(text->find(' '), text->size());
  Request request{std::string(text->substr(0, end)), {}};
  if (!is_operation_name(request.op)) return std::nullopt;
  while (end < text->size()) {
    auto begin = end + 1;
    end = std::min(text->find(' ', begin), text->size());
    auto arg = decode(text->substr(begin, end - begin));
    if (!arg) return std::nullopt;
    request.args.push_back(std::move(*arg));
  }
  return request;
}

/// Moves bytes from `in` to `line` up to and including LF, but never more than `limit` in `line`. True when `line` is
/// whole.
bool take_until_lf(std::string& line, std::string_view& in, std::size_t limit) {
  auto room = limit - std::min(limit, line.size());
  auto part = in.substr(0, room);
  auto lf = part.find('\n');
  auto count = lf == std::string_view::npos ? part.size() : lf + 1;
  line.append(part.substr(0, count));
  in.remove_prefix(count);
  return lf != std::string_view::npos;
}

std::optional<std::size_t> parse_length(std::string_view digits) {
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::size_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) return kMaxContent + 1;
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<ResponseHead> parse_head(std::string_view line) {
  auto text = without_crlf(line);
  if (!text || text->size() < 7 || (*text)[3] != ' ') return std::nullopt;
  auto last = text->rfind(' ');
  if (last < 5) return std::nullopt;
  auto message = text->substr(4, last - 4);
  auto length = parse_length(text->substr(last + 1));
  auto printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
  if (!length || message.front() == ' ' || message.back() == ' ' ||
      !std::all_of(message.begin(), message.end(), printable) ||
      !std::all_of(text->begin(), text->begin() + 3, is_digit))
    return std::nullopt;
  auto code = static_cast<unsigned>(((*text)[0] - '0') * 100 + ((*text)[1] - '0') * 10 + ((*text)[2] - '0'));
  if (code < 100 || code > 599) return std::nullopt;
  return ResponseHead{code, std::string(message), *length};
}

}  // namespace

net::Result<std::string, RequestError> format_request(const Request& request) {
  if (!is_operation_name(request.op)) return net::Failure{RequestError::kMalformed};
  std::string line = request.op;
  for (const auto& arg : request.args) {
    if (arg.find('\0') != std::string::npos) return net::Failure{RequestError::kMalformed};
    line += ' ';
    append_encoded(line, arg);
  }
  line += "\r\n";
  if (line.size() > kMaxRequestLine) return net::Failure{RequestError::kTooLong};
  return line;
}

std::optional<net::Result<Request, RequestError>> RequestParser::feed(std::string_view& in) {
  using Answer = net::Result<Request, RequestError>;
  if (too_long_) return Answer(net::Failure{RequestError::kTooLong});
  if (!take_until_lf(line_, in, kMaxRequestLine)) {
    if (line_.size() < kMaxRequestLine) return std::nullopt;
    too_long_ = true;
    line_.clear();
    return Answer(net::Failure{RequestError::kTooLong});
  }
  auto request = parse_request_line(line_);
  line_.clear();
  if (!request) return Answer(net::Failure{RequestError::kMalformed});
  return Answer(std::move(*request));
}

Status status_of_exit(int exit_status) {
  switch (exit_status) {
    case 0:
      return kOk;
    case 2:
      return kMalformedRequest;
    case 3:
      return kPartlyDone;
    case 4:
      return kNotFound;
    case 5:
      return kNoPeer;
    default:
      return kFailed;
  }
}

int exit_of_status(unsigned code, std::string_view message) {
  switch (code) {
    case 200:
      return 0;
    case 207:
      return 3;
    case 404:
      return message == kUnknownOperation.message ? 2 : 4;
    case 422:
      return 2;
    case 503:
      return 5;
    default:
      return 1;
  }
}

std::string format_response(const Status& status, std::span<const std::string> lines) {
  std::size_t length = 0;
  for (const auto& line : lines) {
    CHECK(line.size() <= kMaxDataLine && line.find_first_of("\r\n") == std::string::npos);
    length += line.size() + 2;
  }
  CHECK(length <= kMaxContent);
  std::string out = std::to_string(status.code) + ' ' + std::string(status.message) + ' ' + std::to_string(length);
  out += "\r\n";
  out.reserve(out.size() + length);
  for (const auto& line : lines) (out += line) += "\r\n";
  return out;
}

std::string_view describe(ResponseError error) {
  switch (error) {
    case ResponseError::kBadHead:
      return "the first line of the answer is not one of this protocol";
    case ResponseError::kTooLarge:
      return "the answer announces more than is allowed";
    case ResponseError::kBadDataLine:
      return "a line of the answer is too long or does not end where it should";
  }
  return "";
}

std::optional<net::Result<ResponsePart, ResponseError>> ResponseParser::feed(std::string_view& in) {
  using Answer = net::Result<ResponsePart, ResponseError>;
  if (error_) return Answer(net::Failure{*error_});
  bool in_content = content_left_ != 0;
  auto limit = in_content ? std::min(kMaxDataLine + 2, content_left_) : kMaxResponseLine;
  if (!take_until_lf(line_, in, limit)) {
    if (line_.size() < limit) return std::nullopt;
    error_ = in_content ? ResponseError::kBadDataLine : ResponseError::kBadHead;
    return Answer(net::Failure{*error_});
  }
  auto part = take_line();
  line_.clear();
  if (!part) error_ = part.error();
  return part;
}

net::Result<ResponsePart, ResponseError> ResponseParser::take_line() {
  if (content_left_ != 0) {
    auto text = without_crlf(line_);
    if (!text || text->find('\r') != std::string_view::npos) return net::Failure{ResponseError::kBadDataLine};
    content_left_ -= line_.size();
    return ResponsePart(DataLine{std::string(*text)});
  }
  auto head = parse_head(line_);
  if (!head) return net::Failure{ResponseError::kBadHead};
  if (head->content_length > kMaxContent) return net::Failure{ResponseError::kTooLarge};
  content_left_ = head->content_length;
  return ResponsePart(std::move(*head));
}

}  // namespace peer::control
