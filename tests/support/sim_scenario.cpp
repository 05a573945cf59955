// SPDX-License-Identifier: MIT
#include "tests/support/sim_scenario.h"

#include <algorithm>
#include <set>
#include <utility>

namespace support {

SimHost::Spec spec_with_places(std::size_t places) {
  SimHost::Spec spec;
  spec.split_bytes = false;
  spec.node.max_connections = places;
  return spec;
}

void add_hosts(SimNetwork& network, std::size_t count, const SimHost::Spec& spec) {
  for (std::size_t i = 0; i < count; ++i) network.add_host(spec);
}

void start_all(SimNetwork& network) {
  for (std::size_t i = 0; i < network.size(); ++i) {
    if (!network.host(i).running()) network.host(i).start();
  }
}

void introduce(SimHost& host, const SimHost& other) {
  host.use([endpoint = other.spec().listens](peer::Node& node, net::TimePoint now) {
    node.hint(now, endpoint, peer::members::HintSource::kFile);
  });
}

void introduce_to_one_or_two(SimNetwork& network) {
  for (std::size_t i = 1; i < network.size(); ++i) {
    const std::uint64_t count = 1 + network.events().below(2);
    for (std::uint64_t j = 0; j < count; ++j) introduce(network.host(i), network.host(network.events().below(i)));
  }
}

bool all_know_all(SimNetwork& network) {
  std::set<peer::NodeId> running;
  for (std::size_t i = 0; i < network.size(); ++i) {
    if (network.host(i).running()) running.insert(network.host(i).node_id());
  }
  for (std::size_t i = 0; i < network.size(); ++i) {
    SimHost& host = network.host(i);
    if (!host.running()) continue;
    std::set<peer::NodeId> seen{host.node_id()};
    for (const auto& view : host.node().peers()) seen.insert(view.node);
    if (seen != running) return false;
  }
  return true;
}

bool all_have_heard_of_all(SimNetwork& network) {
  for (std::size_t i = 0; i < network.size(); ++i) {
    if (!network.host(i).running()) continue;
    const std::vector<net::Endpoint> known = network.host(i).node().known_endpoints();  // In order.
    for (std::size_t j = 0; j < network.size(); ++j) {
      if (i == j || !network.host(j).running()) continue;
      if (!std::binary_search(known.begin(), known.end(), network.host(j).spec().listens)) return false;
    }
  }
  return true;
}

// --- Download -------------------------------------------------------------------------------------------------------

struct Download::State {
  struct Fetch {
    unsigned incarnation = 0;
    std::optional<peer::TransferId> transfer;  ///< Nothing until the pass that begins it.
  };
  SimNetwork* network;  ///< Null when nobody is interested any more.
  peer::files::ContentId id;
  std::string path;
  Begin begin;
  std::map<std::size_t, Fetch> fetches;
  std::size_t failures = 0;
  std::string last_error;
};

Download::Download(SimNetwork& network, const peer::files::ContentId& id, std::string path, Begin begin)
    : state_(std::make_shared<State>()) {
  state_->network = &network;
  state_->id = id;
  state_->path = std::move(path);
  state_->begin = begin;
  look(state_);
}

Download::~Download() { state_->network = nullptr; }

void Download::look(const std::shared_ptr<State>& state) {
  if (!state->network) return;
  for (std::size_t i = 0; i < state->network->size(); ++i) look_at(state, state->network->host(i));
  state->network->events().after(std::chrono::milliseconds(50), [state] { look(state); });
}

void Download::look_at(const std::shared_ptr<State>& state, SimHost& host) {
  if (!host.running() || host.library().has(state->id)) return;
  if (auto begun = state->fetches.find(host.number()); begun != state->fetches.end()) {
    State::Fetch& fetch = begun->second;
    if (fetch.incarnation != host.incarnation()) {
      state->fetches.erase(begun);
    } else {
      const peer::swarm::Transfer* transfer = fetch.transfer ? host.node().transfer(*fetch.transfer) : nullptr;
      if (!transfer || transfer->state() != peer::swarm::Transfer::State::kFailed) return;
      ++state->failures;
      state->last_error = transfer->error();
      host.use([id = *fetch.transfer](peer::Node& node, net::TimePoint) { node.forget(id); });
      state->fetches.erase(begun);
    }
  }
  const auto peers = host.node().peers();
  if (state->begin == Begin::kWhenOffered && std::none_of(peers.begin(), peers.end(), [&](const auto& peer) {
        return peer.catalog->has_content(state->id);
      })) {
    return;
  }
  state->fetches[host.number()] = {host.incarnation(), std::nullopt};
  host.use([state, number = host.number()](peer::Node& node, net::TimePoint now) {
    peer::swarm::FetchRequest request;
    request.id = state->id;
    request.path = state->path;
    state->fetches[number].transfer = node.fetch(now, std::move(request));
  });
}

bool Download::all_have_it() const {
  for (std::size_t i = 0; i < state_->network->size(); ++i) {
    SimHost& host = state_->network->host(i);
    if (host.running() && !host.library().has(state_->id)) return false;
  }
  return true;
}

std::size_t Download::count_having_it() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < state_->network->size(); ++i) count += state_->network->host(i).library().has(state_->id);
  return count;
}

std::size_t Download::failures() const { return state_->failures; }
const std::string& Download::last_error() const { return state_->last_error; }

}  // namespace support
