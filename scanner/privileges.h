// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace scanner {

/// The way from root (or a capability) to nobody special:
///
///     if (!may_open_raw_sockets()) ...           says how to get there
///     keep_only_raw_sockets();                   the invoking user, with one capability that is not in effect
///     with_raw_sockets([&] { ...open... });      in effect just here
///     drop_privileges();                         nothing left, and nothing to be regained
///
/// What the network says is read after the last step. All throw std::system_error. They act on the calling thread's
/// capabilities: no other thread may exist yet.

/// True when the process holds CAP_NET_RAW.
bool may_open_raw_sockets();

/// Becomes the user behind sudo (SUDO_UID and SUDO_GID, where we are root and both are numbers of an ordinary user) or
/// behind a set-user-ID bit, and gives up every capability but CAP_NET_RAW. No program that is run later gains any.
void keep_only_raw_sockets();

/// Runs `open` with CAP_NET_RAW in effect.
void with_raw_sockets(const std::function<void()>& open);

/// Gives up what is left, and makes sure of it.
void drop_privileges();

struct Identity {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  bool operator==(const Identity&) const = default;
};
/// Reads sudo's two variables. Nothing unless both are plain decimal numbers and the user is not root.
std::optional<Identity> parse_invoking_user(const char* uid, const char* gid);

}  // namespace scanner
