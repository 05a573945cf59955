// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "net/bytes.h"

namespace peer::legacy {

/// Reads what an older program asks for (p2p-protocol(7), OLDER PROGRAMS): `req` and `q`, with nothing or white space
/// between. The bytes may come in pieces of any size.
class RequestReader {
 public:
  enum class Request {
    kNone,     ///< All bytes are taken, and no request is complete.
    kFiles,    ///< req
    kQuit,     ///< q
    kUnknown,  ///< A byte that begins or continues no request. Nothing is read any more.
  };
  /// Takes bytes off the front of `in`, up to the end of a request.
  Request next(net::ByteView& in);

 private:
  std::size_t matched_ = 0;  ///< Bytes of "req" that have come.
};

}  // namespace peer::legacy
