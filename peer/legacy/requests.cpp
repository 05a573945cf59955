// SPDX-License-Identifier: MIT
#include "peer/legacy/requests.h"

#include <string_view>

namespace peer::legacy {

RequestReader::Request RequestReader::next(net::ByteView& in) {
  constexpr std::string_view kFilesRequest = "req";
  while (!in.empty()) {
    const char byte = static_cast<char>(in.front());
    in = in.subspan(1);
    const bool blank = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    if (matched_ == 0 && blank) continue;
    if (matched_ == 0 && byte == 'q') return Request::kQuit;
    if (byte != kFilesRequest[matched_]) {
      in = {};
      return Request::kUnknown;
    }
    if (++matched_ < kFilesRequest.size()) continue;
    matched_ = 0;
    return Request::kFiles;
  }
  return Request::kNone;
}

}  // namespace peer::legacy
