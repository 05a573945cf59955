// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "peer/legacy/pickle_reader.h"
#include "peer/wire/peer_gossip.h"

namespace peer::legacy {

/// Reads what an older program sends to who asks for its files: peer lists, then one pickle. It may be given in pieces
/// of any size. A list may end without a LF where the pickle begins.
class ReplyReader {
 public:
  static constexpr std::size_t kMaxLists = 16;

  enum class State {
    kMore,
    kDone,     ///< pickle() is whole. What follows is not looked at.
    kNothing,  ///< The other end has closed before any pickle.
    kRefused,  ///< error() says why.
  };
  void feed(net::ByteView in);
  /// The other end has closed.
  void end();

  State state() const { return state_; }
  /// For people; safe to print. REQUIRES: state() is kRefused.
  const std::string& error() const { return error_; }
  const PickleReader& pickle() const { return pickle_; }
  /// Of the lists that have ended.
  const std::vector<net::Endpoint>& endpoints() const { return endpoints_; }

 private:
  std::size_t step(net::ByteView in);
  std::size_t step_list(net::ByteView in);
  void end_list();
  void refuse(std::string why);

  State state_ = State::kMore;
  std::string error_;
  std::optional<wire::PeerGossipParser> list_;
  bool at_entry_ = false;  ///< Of the list: the next byte begins an entry.
  std::size_t lists_ = 0;
  std::vector<net::Endpoint> endpoints_;
  PickleReader pickle_;
};

}  // namespace peer::legacy
