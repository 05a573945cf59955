// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/result.h"

/// The text protocol of the control socket (p2p-protocol(7), section CONTROL SOCKET); the introducer's is the same with
/// other operations and data lines.
///
///     request  = op *( SP arg ) CRLF
///     op       = 1*32( %x41-5A / DIGIT / "_" )
///     arg      = *( %x21-24 / %x26-7E / "%" 2HEXDIG )        ; decoded: any bytes but NUL
///     response = code SP message SP content-length CRLF *( dataline CRLF )
///     code     = 3DIGIT                                      ; 100 .. 599
///     message  = 1*( %x20-7E )                               ; no SP at either end
///     content-length = "0" / ( %x31-39 *DIGIT )              ; bytes of the data lines, CRLFs included
///     dataline = *( any byte but CR and LF )
///
/// A request is answered by any number of responses with code 100, and then by one with another code. The data lines of
/// all of them, in order, are the answer; so a long operation streams, and a short one is answered at once.
namespace peer::control {

inline constexpr std::size_t kMaxRequestLine = 8192;  ///< With its CRLF.
inline constexpr std::size_t kMaxOperationName = 32;
inline constexpr std::size_t kMaxResponseLine = 256;     ///< The first line, with its CRLF.
inline constexpr std::size_t kMaxDataLine = 64 * 1024;   ///< Without its CRLF.
inline constexpr std::size_t kMaxContent = 1024 * 1024;  ///< Of one response.

struct Request {
  std::string op;
  std::vector<std::string> args;  ///< Decoded; may be empty strings.
  bool operator==(const Request&) const = default;
};

enum class RequestError {
  kMalformed,  ///< The line is not a request. It was consumed whole, the next request can follow.
  kTooLong,    ///< No end of line within kMaxRequestLine: where the next request begins is not known.
};

/// The line, CRLF included. Fails where the operation's name is not one, an argument holds NUL, or the line would be
/// too long.
net::Result<std::string, RequestError> format_request(const Request& request);

/// Finds requests in a stream of bytes that arrive in pieces of any size. Holds at most kMaxRequestLine bytes.
class RequestParser {
 public:
  /// Takes bytes off the front of `in`, up to the end of the first request in it. Nothing: all was taken and the
  /// request is not complete yet. After kTooLong every later call says kTooLong.
  std::optional<net::Result<Request, RequestError>> feed(std::string_view& in);
  /// True when no request has begun.
  bool idle() const { return line_.empty() && !too_long_; }

 private:
  std::string line_;
  bool too_long_ = false;
};

/// The code and message of a response.
struct Status {
  unsigned code = 0;  ///< 100 .. 599
  std::string_view message;
};
inline constexpr Status kContinue{100, "CONTINUE"};
inline constexpr Status kOk{200, "OK"};
inline constexpr Status kPartlyDone{207, "PARTLY DONE"};
inline constexpr Status kNotFound{404, "NOT FOUND"};
inline constexpr Status kUnknownOperation{404, "OPERATION UNKNOWN"};
inline constexpr Status kMalformedRequest{422, "MALFORMED"};
inline constexpr Status kTooManyClients{429, "TOO MANY CLIENTS"};
inline constexpr Status kFailed{500, "FAILED"};
inline constexpr Status kNoPeer{503, "NO PEER REACHABLE"};

/// The status that ends an operation with this exit status (p2ppeer(1), EXIT STATUS), and back.
Status status_of_exit(int exit_status);
int exit_of_status(unsigned code, std::string_view message);

/// One response. REQUIRES: the lines hold neither CR nor LF and are at most kMaxDataLine long, kMaxContent in all.
std::string format_response(const Status& status, std::span<const std::string> lines);

struct ResponseHead {
  unsigned code = 0;
  std::string message;
  std::size_t content_length = 0;
  bool operator==(const ResponseHead&) const = default;
};
struct DataLine {
  std::string text;  ///< Without its CRLF.
  bool operator==(const DataLine&) const = default;
};
using ResponsePart = std::variant<ResponseHead, DataLine>;

enum class ResponseError {
  kBadHead,      ///< The first line is not a response's, or is too long.
  kTooLarge,     ///< content-length beyond kMaxContent.
  kBadDataLine,  ///< Holds a bare CR or LF, is too long, or does not end where the content ends.
};
/// For people.
std::string_view describe(ResponseError error);

/// Takes responses apart as their bytes arrive, in pieces of any size. Holds at most one line.
class ResponseParser {
 public:
  /// Takes bytes off the front of `in`, up to the end of the first part in it. Nothing: all was taken. An error is
  /// final, every later call repeats it.
  std::optional<net::Result<ResponsePart, ResponseError>> feed(std::string_view& in);
  /// True between two responses: here the stream may end, and the last head given was answered in full.
  bool idle() const { return !error_ && line_.empty() && content_left_ == 0; }

 private:
  net::Result<ResponsePart, ResponseError> take_line();

  std::string line_;
  std::size_t content_left_ = 0;
  std::optional<ResponseError> error_;
};

}  // namespace peer::control
