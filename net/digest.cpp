// SPDX-License-Identifier: MIT
#include "net/digest.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <cerrno>
#include <system_error>

#include "net/check.h"

namespace net {
namespace {

struct Release {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

struct Sha256Hasher::Context {
  // Fetched once: looking the algorithm up costs more than hashing a short message.
  std::unique_ptr<EVP_MD, Release> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, Release> state{EVP_MD_CTX_new()};
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {
  if (!context_->algorithm || !context_->state) {
    throw std::system_error(ENOTSUP, std::generic_category(), "SHA-256 from OpenSSL");
  }
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

Sha256 Sha256Hasher::hash(ByteView data) { return hash(data, {}); }

Sha256 Sha256Hasher::hash(ByteView left, ByteView right) {
  Sha256 digest{};
  EVP_MD_CTX* state = context_->state.get();
  CHECK(EVP_DigestInit_ex2(state, context_->algorithm.get(), nullptr) == 1);
  CHECK(EVP_DigestUpdate(state, left.data(), left.size()) == 1);
  if (!right.empty()) CHECK(EVP_DigestUpdate(state, right.data(), right.size()) == 1);
  CHECK(EVP_DigestFinal_ex(state, reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

Sha256 sha256(ByteView data) {
  thread_local Sha256Hasher hasher;
  return hasher.hash(data);
}

void random_bytes(std::span<std::byte> out) {
  while (!out.empty()) {
    ssize_t count = ::getrandom(out.data(), out.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace net
