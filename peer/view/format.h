// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Numbers and names as people read them.
namespace peer::view {

/// "0 B", "1023 B", "1.00 KiB", "12.3 MiB", "123 GiB": three digits, powers of 1024, up to EiB. At most 8 columns.
std::string human_size(std::uint64_t bytes);
/// human_size a second: "11.2 MiB/s".
std::string human_rate(std::uint64_t bytes_per_second);
/// "0:05", "12:34", "3:04:05", "4d 05h"; more than 9999 days is ">9999d".
std::string human_duration(std::uint64_t seconds);
/// The first 12 digits of an id's root ("p2p:<root>:<length>"), or of a node's; anything else as it is, escaped.
std::string short_id(std::string_view id);
/// done of total in whole percent, 100 only when all is done. An empty total is 100.
unsigned percent(std::uint64_t done, std::uint64_t total);
/// "[####------]", brackets included. REQUIRES: percents <= 100, width >= 2.
std::string bar(unsigned percents, std::size_t width);

}  // namespace peer::view
