// SPDX-License-Identifier: MIT
#pragma once

/// p2ppeer(1), EXIT STATUS.
namespace peer::operations {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitSome = 3;      ///< Some of what was asked for was done.
inline constexpr int kExitNotFound = 4;  ///< Peers were reached, but none offers it.
inline constexpr int kExitNoPeer = 5;    ///< No peer was reached.

}  // namespace peer::operations
