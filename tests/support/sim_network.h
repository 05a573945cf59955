// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "tests/support/chunk_memory.h"
#include "tests/support/sim_events.h"
#include "tests/support/sim_host.h"
#include "tests/support/sim_trace.h"

namespace support {

/// Real peer nodes on a virtual network with a virtual clock. Everything that happens follows from the seed: a run that
/// fails can be repeated exactly. Links have rates and delays, sockets bounded buffers; connections can be reset, hosts
/// killed, cut off and started again.
class SimNetwork {
 public:
  explicit SimNetwork(std::uint64_t seed) : events_(seed) {}

  /// The host's endpoint is made from its number unless the spec has one: 10.77.x.y:12345.
  SimHost& add_host(SimHost::Spec spec = {});
  static net::Endpoint endpoint_of(std::size_t number);
  SimHost& host(std::size_t number) { return *hosts_.at(number); }
  std::size_t size() const { return hosts_.size(); }

  // --- time ---
  net::TimePoint now() const { return events_.now(); }
  net::Duration elapsed() const { return events_.elapsed(); }
  void run_for(net::Duration time);
  /// Until `done()`, which is asked every 10 ms of virtual time. False: not within `limit`.
  bool run_until(const std::function<bool()>& done, net::Duration limit);

  // --- faults ---
  /// Resets one connection drawn from all that are open; false when there is none.
  bool reset_some_connection();
  std::size_t open_connections() const { return connections_.size(); }

  // --- for hosts ---
  void dial(SimHost& from, peer::ConnectionId id, const net::Endpoint& to);
  /// One end has closed: the other still reads what was sent.
  void closed_by(std::uint64_t connection, std::size_t host);
  /// The end at `host` is gone: the other is told after the way there.
  void reset_by(std::uint64_t connection, std::size_t host, const std::string& reason);

  SimEvents& events() { return events_; }
  SimTrace& trace() { return trace_; }
  ChunkMemory& memory() { return memory_; }

 private:
  struct Connection {
    std::size_t a = 0, b = 0;  ///< Hosts' numbers; a dialled.
    std::shared_ptr<SimStream> to_b, to_a;
    std::set<std::size_t> closed;  ///< Ends that have closed it.
  };
  static constexpr net::Duration kDialTimeout = std::chrono::seconds(20);

  SimHost* listening_at(const net::Endpoint& endpoint);
  net::Duration way(const SimHost& a, const SimHost& b);
  void arrive(std::size_t from, unsigned incarnation, peer::ConnectionId id, std::size_t to);

  SimEvents events_;
  SimTrace trace_;
  ChunkMemory memory_;
  std::vector<std::unique_ptr<SimHost>> hosts_;
  std::map<net::Endpoint, std::size_t> by_endpoint_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t last_connection_ = 0;
};

}  // namespace support
