// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace peer::wire {

/// The codes of ERROR, OFFER_ANSWER, OFFER_STATUS and BYE (p2p-protocol(7), ERROR CODES). Any 16-bit value may come
/// from the wire.
enum class ErrorCode : std::uint16_t {
  kNone = 0,            ///< No error; in BYE: done.
  kMalformed = 1,       ///< A payload that is not what its type says.
  kTooLarge = 2,        ///< A frame or a list beyond its limit.
  kWrongState = 3,      ///< A message that may not come now.
  kTimeout = 4,         ///< No HELLO in time, or silence for too long.
  kOverflow = 5,        ///< The other end does not read what it is sent.
  kDialect = 6,         ///< The other end speaks something that is not spoken here.
  kVersion = 7,         ///< No common version.
  kSelf = 8,            ///< Both ends are the same process.
  kDuplicate = 9,       ///< Another connection between the two nodes stays.
  kBusy = 10,           ///< Too many connections or requests; later, perhaps.
  kRefused = 11,        ///< Against the policy of the one who is asked.
  kNotFound = 12,       ///< The content is not (or no longer) here.
  kBadRange = 13,       ///< A chunk, layer or part outside the file.
  kNothingToGive = 14,  ///< "Your choice", but nothing here that the asker lacks.
  kNoSpace = 15,        ///< The disk is full.
  kReadFailed = 16,     ///< The file could not be read, or changed.
  kLeaving = 17,        ///< The process ends.
  kBanned = 18,         ///< Sent wrong data before.
  kQuota = 19,          ///< More than the one who is asked accepts.
  kFailed = 20,         ///< It could not be done; a text says why.
  kClosed = 21,         ///< Never on the wire: the other end closed without a word.
};

/// A short English text; "unknown error" for codes that are not assigned.
std::string_view text_of(ErrorCode code);

}  // namespace peer::wire
