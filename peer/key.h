// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "net/files.h"

namespace peer {

/// A node's Ed25519 key pair (RFC 8032). The public key names the node.
class NodeKey {
 public:
  /// A new key, for a peer that lives only as long as one command. Throws std::runtime_error when OpenSSL cannot.
  static NodeKey generate();
  /// The key in `folder`/`name` (PEM, mode 0600), made there when there is none. Throws std::runtime_error naming the
  /// file when it cannot be read, written, or is not an Ed25519 key: it is never replaced.
  static NodeKey load_or_create(const net::Folder& folder, const std::string& name);

  const std::array<std::byte, 32>& public_key() const { return public_key_; }

 private:
  NodeKey() = default;
  std::array<std::byte, 32> public_key_{};
};

}  // namespace peer
