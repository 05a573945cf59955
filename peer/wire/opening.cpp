// SPDX-License-Identifier: MIT
#include "peer/wire/opening.h"

namespace peer::wire {

Opening opening_of(std::byte first) {
  switch (static_cast<char>(first)) {
    case 0x01:
      return Opening::kPeer;
    case 0x16:
      return Opening::kTls;
    case 'r':
    case 'q':
      return Opening::kLegacy;
    case 'G':
    case 'H':
      return Opening::kHttp;
    default:
      return Opening::kUnknown;
  }
}

std::string_view refusal_of(Opening opening) {
  switch (opening) {
    case Opening::kTls:
      return "it speaks TLS, which is not spoken here";
    case Opening::kLegacy:
      return "it speaks the old req/q dialect, which is not spoken here";
    case Opening::kHttp:
      return "it speaks HTTP, which is not spoken here";
    case Opening::kPeer:
    case Opening::kUnknown:
      break;
  }
  return "it does not speak the peer protocol";
}

}  // namespace peer::wire
