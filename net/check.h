// SPDX-License-Identifier: MIT
#pragma once

/// Prints the failed expression with its place on stderr and aborts.
namespace net {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}

/// For our own bugs only: aborts when `expression` is false, in every build. What a peer, a user or the system can
/// cause is never a CHECK.
#define CHECK(expression) ((expression) ? static_cast<void>(0) : ::net::check_failed(#expression, __FILE__, __LINE__))
