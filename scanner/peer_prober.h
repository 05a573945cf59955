// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>

#include "net/select_loop.h"
#include "net/time.h"
#include "scanner/hosts.h"

namespace scanner {

/// Finds out which hosts are peers: connects to their TCP port and waits for the peer list that a peer sends first,
/// p2p-protocol(7).
class PeerProber {
 public:
  /// Dials at a time: far below FD_SETSIZE, which the interfaces' links share.
  static constexpr std::size_t kParallel = 64;
  /// A peer answers within a round trip. A SYN that was lost is sent again after 1 s (RFC 6298).
  static constexpr auto kPatience = std::chrono::milliseconds(1500);

  using Done = std::function<void(net::TimePoint, const HostTable::Key&, bool peer)>;
  PeerProber(net::SelectLoop& loop, std::uint16_t port, Done done);
  ~PeerProber();
  PeerProber(const PeerProber&) = delete;
  PeerProber& operator=(const PeerProber&) = delete;

  void ask(net::TimePoint now, const HostTable::Key& host);
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;
  bool idle() const { return dials_.empty() && waiting_.empty(); }

 private:
  class Dial;
  void dial_waiting(net::TimePoint now);
  void finish(net::TimePoint now, Dial& dial, bool peer);

  net::SelectLoop& loop_;
  std::uint16_t port_;
  Done done_;
  std::deque<HostTable::Key> waiting_;
  std::list<std::unique_ptr<Dial>> dials_;  ///< The earliest deadline first.
};

}  // namespace scanner
