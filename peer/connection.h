// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "peer/buffer_pool.h"
#include "peer/files/content_id.h"
#include "peer/ids.h"
#include "peer/legacy/server_session.h"
#include "peer/remote_catalog.h"
#include "peer/wire/session.h"

namespace peer {

/// What the node keeps for one connection: the session, what the other end offers, and the questions that are open.
struct Connection {
  enum class Stage {
    kDialling,  ///< The socket is not connected yet; there is no session.
    kOpening,   ///< Until HELLO.
    kOpen,
    kLegacy,  ///< An older program, which is answered by `legacy`; there is no session.
  };

  ConnectionId id = 0;
  Stage stage = Stage::kDialling;
  net::Endpoint remote;
  /// What was dialled; nothing for a connection that came in.
  std::optional<net::Endpoint> dialled;
  net::TimePoint began{};   ///< When that was.
  bool visit = false;       ///< Dialled for a moment, or for as long as it is needed; takes no place.
  bool visit_over = false;  ///< It has shown what it was for, and is needed no more.
  std::optional<wire::Session> session;
  std::optional<legacy::ServerSession> legacy;

  // Known once kOpen:
  wire::Hello hello;
  NodeId node{};
  std::optional<net::Endpoint> listening;

  net::TimePoint opened{};
  net::TimePoint heard{};  ///< When anything came last, or it was dialled.
  net::TimePoint used{};   ///< When something was asked, answered or sent on it last; keep-alive and gossip are not.
  std::size_t others = 0;  ///< In its last peer list.

  /// It is there for one command.
  bool is_transient() const { return (hello.features & wire::kTransient) != 0; }

  RemoteCatalog catalog;
  std::uint64_t seen_catalog_version = 0;  ///< Of the catalog that the transfers were told of.

  /// It was told last that our catalog is growing.
  bool told_growing = false;

  // Questions we asked.
  struct AskedChunk {
    TransferId transfer;
    std::uint32_t chunk;
  };
  struct AskedLayer {
    std::uint32_t request = 0;
    std::vector<files::Hash> hashes;  ///< What has come of it.
  };
  std::map<std::uint32_t, AskedChunk> asked_chunks;  ///< By request number.
  std::map<TransferId, AskedLayer> asked_layers;
  std::uint32_t last_request = 0;

  /// The chunk that comes in now.
  struct Receiving {
    TransferId transfer;
    std::uint32_t chunk;
    Buffer data;
    net::TimePoint since;
  };
  std::optional<Receiving> receiving;

  /// Contents whose HAVEs it wants.
  std::set<files::ContentId> interests;

  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;

  std::uint32_t next_request() { return ++last_request; }
};

}  // namespace peer
