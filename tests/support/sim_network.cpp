// SPDX-License-Identifier: MIT
#include "tests/support/sim_network.h"

#include <algorithm>
#include <iterator>

namespace support {

net::Endpoint SimNetwork::endpoint_of(std::size_t number) {
  const auto host = static_cast<std::uint32_t>(number + 1);
  return {net::Ipv4Address{(10u << 24) + (77u << 16) + host}, net::kPeerPort};
}

SimHost& SimNetwork::add_host(SimHost::Spec spec) {
  const std::size_t number = hosts_.size();
  if (spec.listens.port == 0) spec.listens = endpoint_of(number);
  if (spec.name.empty()) spec.name = "host" + std::to_string(number);
  by_endpoint_[spec.listens] = number;
  hosts_.push_back(std::make_unique<SimHost>(*this, number, std::move(spec)));
  return *hosts_.back();
}

// --- time -----------------------------------------------------------------------------------------------------------

void SimNetwork::run_for(net::Duration time) {
  const net::TimePoint end = now() + time;
  while (events_.run_next(end)) {
  }
}

bool SimNetwork::run_until(const std::function<bool()>& done, net::Duration limit) {
  constexpr net::Duration kStep = std::chrono::milliseconds(10);
  for (const net::TimePoint end = now() + limit; !done(); run_for(kStep)) {
    if (now() >= end) return false;
  }
  return true;
}

// --- dialling -------------------------------------------------------------------------------------------------------

SimHost* SimNetwork::listening_at(const net::Endpoint& endpoint) {
  auto found = by_endpoint_.find(endpoint);
  return found == by_endpoint_.end() ? nullptr : hosts_[found->second].get();
}

net::Duration SimNetwork::way(const SimHost& a, const SimHost& b) {
  const net::Duration latency = a.spec().latency + b.spec().latency;
  return events_.between(latency, latency + latency / 10);
}

void SimNetwork::dial(SimHost& from, peer::ConnectionId id, const net::Endpoint& to) {
  const unsigned incarnation = from.incarnation();
  SimHost* target = listening_at(to);
  if (!target) {
    events_.after(kDialTimeout, [&from, incarnation, id] { from.dial_failed(incarnation, id, "timed out"); });
    return;
  }
  events_.after(way(from, *target),
                [this, a = from.number(), incarnation, id, b = target->number()] { arrive(a, incarnation, id, b); });
}

void SimNetwork::arrive(std::size_t from, unsigned incarnation, peer::ConnectionId id, std::size_t to) {
  SimHost& a = *hosts_[from];
  SimHost& b = *hosts_[to];
  if (a.incarnation() != incarnation || !a.running()) return;
  auto fail = [&](net::Duration after, const char* reason) {
    events_.after(after, [&a, incarnation, id, reason] { a.dial_failed(incarnation, id, reason); });
  };
  if (!a.reachable() || !b.reachable()) return fail(kDialTimeout, "timed out");
  if (!b.running()) return fail(way(a, b), "connection refused");

  const std::uint64_t number = ++last_connection_;
  const net::Duration latency = a.spec().latency + b.spec().latency;
  Connection connection{from,
                        to,
                        std::make_shared<SimStream>(events_, a.uplink(), b.downlink(), latency),
                        std::make_shared<SimStream>(events_, b.uplink(), a.downlink(), latency),
                        {}};
  connections_.emplace(number, connection);
  events_.after(way(a, b), [&a, incarnation, id, number, connection] {
    a.dialled(incarnation, id, {connection.to_a, connection.to_b, connection.b, number});
  });
  const auto port = static_cast<std::uint16_t>(32768 + events_.below(28000));
  const net::Endpoint remote{a.spec().listens.address, port};
  // The kernel accepts and the process then closes: the dialling side sees a connection that ends at once.
  if (!b.accept(remote, {connection.to_b, connection.to_a, connection.a, number})) {
    connection.to_b->stop_reading();
    connection.to_a->finish();
    closed_by(number, to);
  }
}

// --- the end of a connection ----------------------------------------------------------------------------------------

void SimNetwork::closed_by(std::uint64_t connection, std::size_t host) {
  auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  found->second.closed.insert(host);
  if (found->second.closed.size() == 2) connections_.erase(found);
}

void SimNetwork::reset_by(std::uint64_t connection, std::size_t host, const std::string& reason) {
  auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  const Connection ended = found->second;
  connections_.erase(found);
  ended.to_a->cut();
  ended.to_b->cut();
  SimHost& here = *hosts_[host];
  SimHost& there = *hosts_[ended.a == host ? ended.b : ended.a];
  if (ended.closed.contains(there.number()) || !here.reachable() || !there.reachable()) return;
  events_.after(way(here, there), [&there, connection, reason] { there.reset(connection, reason); });
}

bool SimNetwork::reset_some_connection() {
  if (connections_.empty()) return false;
  auto found = std::next(connections_.begin(), static_cast<std::ptrdiff_t>(events_.below(connections_.size())));
  const auto [number, ended] = *found;
  connections_.erase(found);
  ended.to_a->cut();
  ended.to_b->cut();
  trace_.event(elapsed(), "reset", ended.a, number);
  for (const std::size_t end : {ended.a, ended.b}) {
    SimHost& host = *hosts_[end];
    events_.after(way(host, host), [&host, id = number] { host.reset(id, "connection reset by peer"); });
  }
  return true;
}

}  // namespace support
