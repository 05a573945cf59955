// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/result.h"

namespace net {

/// An errno value.
struct SystemError {
  int code = 0;
  std::string message() const;
  bool operator==(const SystemError&) const = default;
};

/// A system call's failure as a Result's error.
inline Failure<SystemError> failed(int code) { return Failure{SystemError{code}}; }

}  // namespace net
