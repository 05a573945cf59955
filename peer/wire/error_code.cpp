// SPDX-License-Identifier: MIT
#include "peer/wire/error_code.h"

namespace peer::wire {

std::string_view text_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNone:
      return "no error";
    case ErrorCode::kMalformed:
      return "malformed message";
    case ErrorCode::kTooLarge:
      return "message too large";
    case ErrorCode::kWrongState:
      return "message not expected now";
    case ErrorCode::kTimeout:
      return "silent for too long";
    case ErrorCode::kOverflow:
      return "does not read what it is sent";
    case ErrorCode::kDialect:
      return "speaks another protocol";
    case ErrorCode::kVersion:
      return "no common version";
    case ErrorCode::kSelf:
      return "connected to itself";
    case ErrorCode::kDuplicate:
      return "another connection stays";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kRefused:
      return "refused";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kBadRange:
      return "outside the file";
    case ErrorCode::kNothingToGive:
      return "nothing to give";
    case ErrorCode::kNoSpace:
      return "no space";
    case ErrorCode::kReadFailed:
      return "file could not be read";
    case ErrorCode::kLeaving:
      return "leaving";
    case ErrorCode::kBanned:
      return "sent wrong data before";
    case ErrorCode::kQuota:
      return "over the quota";
    case ErrorCode::kFailed:
      return "failed";
    case ErrorCode::kClosed:
      return "closed by the other end";
  }
  return "unknown error";
}

}  // namespace peer::wire
