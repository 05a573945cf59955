// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "peer/wire/messages.h"

/// Messages with every field set to something else, for tests.
namespace peer::wire::samples {

inline net::Sha256 hash_of(int first) {
  net::Sha256 hash;
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<std::byte>(static_cast<std::size_t>(first) + i);
  return hash;
}

inline files::ContentId id() { return {5'000'000'000, hash_of(1)}; }

inline net::Bytes bytes_of(std::string_view text) {
  const net::ByteView view = net::as_bytes(text);
  return {view.begin(), view.end()};
}

inline files::CatalogEntry file(std::string path) {
  return {files::CatalogEntry::Kind::kFile, std::move(path), id(), 1'700'000'000, 0600};
}

inline files::CatalogEntry folder(std::string path) {
  return {files::CatalogEntry::Kind::kFolder, std::move(path), {}, -1, 0700};
}

inline Hello hello() { return {kVersion, 0x80000001, hash_of(0x40), 0x0123456789abcdef, 12345, "käthe"}; }

/// At least one of each type, in the order of the types.
inline std::vector<Message> all() {
  return {
      hello(),
      CatalogGet{7, 99, "music/a b.flac"},
      Catalog{7, 100, false, true, false, {file("a.bin"), folder("empty/folder")}, 0},
      Catalog{7, 100, true, true, false, {}, 0},
      Catalog{7, 100, true, true, true, {}, 0},
      CatalogChanged{101},
      LayerGet{8, id(), 8, 1024, 168},
      Layer{8, {hash_of(3), hash_of(4)}},
      ChunkGet{9, id(), 8, 17, {}, 65536, 16384},
      ChunkGet{10, id(), 8, kYourChoice, bytes_of("\xff\x80"), 0, 0},
      Chunk{{9, 17, 65536}, bytes_of("data")},
      Cancel{9},
      Interest{id(), 8, true},
      Have{id(), 8, false, {{0, 5}, {9, 1}}},
      Have{id(), 8, true, {}},
      Offer{11, {file("b.bin")}, 0},
      OfferAnswer{11, false, ErrorCode::kRefused},
      Ping{12},
      Pong{12},
      Error{13, ErrorCode::kNotFound, "gone"},
      Bye{ErrorCode::kLeaving},
      OfferStatus{11, true, 3, 1, 2, 5'000'000'001, 5'000'000'000, ErrorCode::kFailed, "no space"},
      PeersSeen{{{*net::Endpoint::parse("10.0.0.2"), 0},
                 {*net::Endpoint::parse("10.0.0.3:2000"), 61},
                 {*net::Endpoint::parse("[fd00::1]"), 65535}}},
  };
}

}  // namespace peer::wire::samples
