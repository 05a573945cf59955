// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "net/digest.h"

namespace peer {

/// A connection of this process, from the dial or accept until it is closed. Never used twice.
using ConnectionId = std::uint32_t;
/// A download of this process. Never used twice.
using TransferId = std::uint32_t;
/// An offer that this process makes to a peer. Never used twice.
using OfferId = std::uint32_t;
/// A folder that this process has made. Never used twice.
using FolderId = std::uint64_t;
/// Who a peer is: SHA-256 of its public key.
using NodeId = net::Sha256;

}  // namespace peer
