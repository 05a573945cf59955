// SPDX-License-Identifier: MIT
#include "net/system_error.h"

#include <system_error>

namespace net {

std::string SystemError::message() const { return std::generic_category().message(code); }

}  // namespace net
