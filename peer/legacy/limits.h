// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

/// Of the dialect of older programs (p2p-protocol(7), OLDER PROGRAMS), in both directions.
namespace peer::legacy {

inline constexpr std::size_t kMaxPickle = std::size_t{16} << 20;  ///< Bytes of a pickle, from PROTO to STOP.
inline constexpr std::size_t kMaxItems = 65536;                   ///< Of its list.

}  // namespace peer::legacy
