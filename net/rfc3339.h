// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

/// "2024-02-29T23:59:59Z" for seconds since the epoch (RFC 3339, in UTC); nothing outside the years 0000..9999.
std::optional<std::string> to_rfc3339(std::int64_t seconds);
/// The inverse; reads exactly the form above.
std::optional<std::int64_t> from_rfc3339(std::string_view text);

/// True for any time of RFC 3339: the form above, or with a fraction and "+02:00"; at most 40 bytes.
bool is_rfc3339(std::string_view text);

}  // namespace net
