// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "net/bytes.h"

namespace net {

/// A SHA-256 value (FIPS 180-4).
using Sha256 = std::array<std::byte, 32>;

/// Computes SHA-256 with OpenSSL, again and again with one context, which is much cheaper than a context a message for
/// small inputs. One object is for one thread. Making one throws std::system_error where OpenSSL has no SHA-256.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  /// The digest of `data`, on its own.
  Sha256 hash(ByteView data);
  /// The digest of `left` followed by `right`.
  Sha256 hash(ByteView left, ByteView right);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256 sha256(ByteView data);

/// Fills `out` with bytes from the system's random generator; throws std::system_error when it has none.
void random_bytes(std::span<std::byte> out);

}  // namespace net
