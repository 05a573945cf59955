// SPDX-License-Identifier: MIT
#include "peer/key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cerrno>
#include <memory>
#include <stdexcept>

namespace peer {
namespace {

using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr std::size_t kMaxKeyFile = 4096;

PrivateKey make_key() {
  PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  if (!key) throw std::runtime_error("cannot make an Ed25519 key");
  return key;
}

/// Without it OpenSSL asks at the terminal, where there is one, what an encrypted key's passphrase is.
int no_passphrase(char*, int, int, void*) { return -1; }

PrivateKey parse_pem(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  if (key && EVP_PKEY_is_a(key.get(), "ED25519") != 1) key.reset();
  return key;
}

std::string to_pem(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()), BIO_free_all);
  char* text = nullptr;
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("cannot write an Ed25519 key");
  }
  long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::array<std::byte, 32> public_part(const EVP_PKEY* key) {
  std::array<std::byte, 32> raw;
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) != 1 ||
      size != raw.size()) {
    throw std::runtime_error("cannot read an Ed25519 key's public part");
  }
  return raw;
}

}  // namespace

NodeKey NodeKey::generate() {
  NodeKey key;
  key.public_key_ = public_part(make_key().get());
  return key;
}

NodeKey NodeKey::load_or_create(const net::Folder& folder, const std::string& name) {
  NodeKey key;
  auto text = folder.read_all(name, kMaxKeyFile);
  if (text) {
    PrivateKey loaded = parse_pem(*text);
    if (!loaded) throw std::runtime_error(".p2p/" + name + " is not an Ed25519 key; move it away to get a new one");
    key.public_key_ = public_part(loaded.get());
    return key;
  }
  if (text.error().code != ENOENT) {
    throw std::runtime_error("cannot read .p2p/" + name + ": " + text.error().message());
  }
  PrivateKey made = make_key();
  auto written = folder.write_atomically(name, to_pem(made.get()), 0600);
  if (!written) throw std::runtime_error("cannot write .p2p/" + name + ": " + written.error().message());
  key.public_key_ = public_part(made.get());
  return key;
}

}  // namespace peer
