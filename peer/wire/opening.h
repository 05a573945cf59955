// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace peer::wire {

/// What the dialling side speaks, by its first byte (p2p-protocol(7), OPENING).
enum class Opening {
  kPeer,     ///< 0x01: HELLO, this protocol in the clear.
  kTls,      ///< 0x16: a TLS handshake record.
  kLegacy,   ///< 'r' or 'q': the requests of older programs.
  kHttp,     ///< 'G' or 'H': GET or HEAD.
  kUnknown,  ///< Anything else.
};

/// The one place that tells the dialects of the port apart.
Opening opening_of(std::byte first);

/// Why a connection with this opening is closed; for people. REQUIRES: opening is not kPeer.
std::string_view refusal_of(Opening opening);

}  // namespace peer::wire
