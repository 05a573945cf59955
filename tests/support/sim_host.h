// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "peer/node.h"
#include "tests/support/fake_library.h"
#include "tests/support/fake_store.h"
#include "tests/support/sim_link.h"
#include "tests/support/sim_stream.h"
#include "tests/support/sim_traffic.h"

namespace support {

class SimNetwork;

/// One end of a simulated TCP connection, as the host's kernel has it.
struct SimSocket {
  std::shared_ptr<SimStream> in, out;
  std::size_t other_host = 0;  ///< Its number.
  std::uint64_t number = 0;    ///< Of the connection; both ends have the same.
};

/// A host of the simulated network: a real peer::Node with its library, disk and link, and a driver that uses the node
/// as the real one does. All that became ready is handled in one pass of the loop, a little later: reads in an order
/// drawn from the seed, then expire, actions and writes until nothing is left to do.
class SimHost {
 public:
  struct Spec {
    std::string name;
    net::Endpoint listens;
    double up_bytes_per_second = 12.5e6;  ///< 0: without limit.
    double down_bytes_per_second = 12.5e6;
    std::size_t quantum = SimLink::kQuantum;                 ///< Bytes that one connection sends or receives at a time.
    net::Duration latency = std::chrono::microseconds(500);  ///< From the host to the middle of the network.
    bool split_bytes = true;  ///< Reads and writes are cut at random; otherwise they are as large as they can be.
    peer::Node::Config node;  ///< hello and seed are filled in.
  };

  SimHost(SimNetwork& network, std::size_t number, Spec spec);

  std::size_t number() const { return number_; }
  const Spec& spec() const { return spec_; }
  FakeLibrary& library() { return library_; }
  FakeStore& store() { return store_; }
  SimLink& uplink() { return up_; }
  SimLink& downlink() { return down_; }

  // --- the process ---
  void start();
  /// The process dies without a word; the host's kernel resets its connections. Partial files stay.
  void kill();
  /// The process leaves in an orderly way (Node::shut_down).
  void stop();
  /// The host is cut off from the network, its process too where it runs; nobody is told. Or is back.
  void set_reachable(bool reachable);
  bool reachable() const { return up_.up(); }
  bool running() const { return node_ != nullptr; }
  /// REQUIRES: running().
  peer::Node& node() { return *node_; }
  const peer::Node& node() const { return *node_; }
  const peer::NodeId& node_id() const { return node_id_; }
  /// Counts the starts.
  unsigned incarnation() const { return incarnation_; }
  /// What a user or another part of the program does with the node: runs in the next pass, where it is running then.
  using Use = std::function<void(peer::Node&, net::TimePoint)>;
  void use(Use what);

  // --- for the network ---
  /// A connection comes in; false where nobody listens or the node refuses it.
  bool accept(const net::Endpoint& remote, SimSocket socket);
  void dialled(unsigned incarnation, peer::ConnectionId id, SimSocket socket);
  void dial_failed(unsigned incarnation, peer::ConnectionId id, const std::string& reason);
  /// The connection was reset by the other end, or failed.
  void reset(std::uint64_t connection, const std::string& reason);

  // --- what was seen ---
  const SimTraffic& sent() const { return traffic_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t passes() const { return passes_; }
  /// Passes in which nothing at all was to be done although the node's deadline had come, and it is still in the past:
  /// a real loop would spin.
  std::uint64_t spins() const { return spins_; }

 private:
  struct Open {
    SimSocket socket;
    SimTrafficMeter meter;
    bool ready = false;  ///< In ready_.
    std::optional<std::string> failed;
  };

  void wake();
  void wake_at(net::TimePoint when);
  void pass();
  void plan_next_pass(net::TimePoint now, bool worked);
  bool handle_inbox(net::TimePoint now);
  bool read_all(net::TimePoint now);
  bool read_one(net::TimePoint now, peer::ConnectionId id, Open& open);
  bool settle(net::TimePoint now);
  bool write_all(net::TimePoint now);
  bool write_one(net::TimePoint now, peer::ConnectionId id, Open& open);
  void write_front(const net::SendQueue::Front& front, std::size_t count, Open& open);
  std::size_t cut_at_random(std::size_t count);
  void add(peer::ConnectionId id, SimSocket socket);
  void mark_ready(peer::ConnectionId id);
  void forget(peer::ConnectionId id);
  void hang_up(const SimSocket& socket);
  void end_process();
  void carry_out(peer::Action& action);
  void close(peer::Close& action);
  template <class Answer>
  void after_disk(std::uint64_t bytes, Answer answer);
  void trace(std::string_view what, std::uint64_t first = 0, std::uint64_t second = 0);

  SimNetwork& network_;
  std::size_t number_;
  Spec spec_;
  peer::wire::Hello hello_;
  SimLink up_, down_;
  FakeLibrary library_;
  FakeStore store_;
  std::unique_ptr<peer::Node> node_;
  peer::NodeId node_id_{};
  unsigned incarnation_ = 0;
  std::map<peer::ConnectionId, Open> open_;
  std::map<std::uint64_t, peer::ConnectionId> by_number_;
  std::vector<peer::ConnectionId> ready_;
  std::vector<Use> inbox_;
  std::optional<net::TimePoint> pass_at_;
  std::optional<net::TimePoint> deadline_;  ///< The node's, after the last pass.
  bool leaving_ = false;
  SimTraffic traffic_;
  std::uint64_t bytes_read_ = 0, passes_ = 0, spins_ = 0;
};

}  // namespace support
