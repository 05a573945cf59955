// SPDX-License-Identifier: MIT
#include "peer/service.h"

#include <algorithm>
#include <utility>

#include "net/bytes.h"
#include "peer/operations/get.h"
#include "peer/operations/list.h"
#include "peer/operations/network_watch.h"
#include "peer/operations/once.h"
#include "peer/operations/peers.h"
#include "peer/operations/push.h"
#include "peer/operations/records.h"
#include "peer/operations/watch.h"

namespace peer {

net::Result<std::unique_ptr<operations::Operation>, control::Refusal> Service::start(net::TimePoint now,
                                                                                     const control::Command& command) {
  Node& node = driver_.node();
  if (command.op == "LIST_ALL_FILES") return {std::make_unique<operations::List>(node, now)};
  if (command.op == "SEARCH") {
    if (command.operands.size() != 1) return net::Failure{control::Refusal{control::kMalformedRequest, "SEARCH what?"}};
    return {std::make_unique<operations::List>(node, now, command.operands.front())};
  }
  if (command.op == "PEERS") return {std::make_unique<operations::Peers>(node, now)};
  if (command.op == "INIT_PEER_TABLE") {
    driver_.init_peer_table(now);
    return {std::make_unique<operations::Peers>(node, now)};
  }
  if (command.op == "STATUS") {
    std::vector<operations::Event> events{status(now)};
    for (operations::Event& event : operations::transfers_now(node, now)) events.push_back(std::move(event));
    return {std::make_unique<operations::Once>(events)};
  }
  if (command.op == "STOP") {
    stopping_ = true;
    return {std::make_unique<operations::Once>(operations::Summary{})};
  }
  if (command.op == "DOWNLOAD") {
    if (command.operands.empty()) return net::Failure{control::Refusal{control::kMalformedRequest, "DOWNLOAD what?"}};
    operations::GetRequest request{command.operands, command.option("folder"), command.option("name")};
    return {std::make_unique<operations::Get>(node, std::move(request), now)};
  }
  if (command.op == "WATCH") return watch(command);
  if (command.op == "UPLOAD") return upload(now, command);
  return net::Failure{control::Refusal{}};
}

net::Result<std::unique_ptr<operations::Operation>, control::Refusal> Service::watch(const control::Command& command) {
  const std::vector<std::string>& what = command.operands;
  if (what.empty()) return {std::make_unique<operations::Watch>(driver_.node(), driver_.ended_downloads())};
  if (what.front() == "peers" && what.size() == 1) return {std::make_unique<operations::WatchPeers>(driver_.node())};
  if (what.front() == "files" && what.size() <= 2) {
    return {std::make_unique<operations::WatchFiles>(driver_.node(), what.size() == 2 ? what.back() : "")};
  }
  return net::Failure{control::Refusal{control::kMalformedRequest, "WATCH, WATCH peers, or WATCH files [text]"}};
}

net::Result<std::unique_ptr<operations::Operation>, control::Refusal> Service::upload(net::TimePoint now,
                                                                                      const control::Command& command) {
  auto malformed = [](const char* why) { return net::Failure{control::Refusal{control::kMalformedRequest, why}}; };
  operations::PushTargets targets;
  auto to = command.options.find("to");
  if (to == command.options.end()) return malformed("UPLOAD --to whom?");
  for (const std::string& text : to->second) {
    auto endpoint = net::Endpoint::parse(text);
    if (text != "all" && !endpoint) return malformed("--to: all, or ADDRESS[:PORT]");
    if (endpoint) targets.endpoints.push_back(*endpoint);
  }
  targets.all = targets.endpoints.empty();
  auto is_absolute = [](const std::string& path) { return path.starts_with('/'); };
  if (command.operands.empty()) return malformed("UPLOAD what?");
  if (!std::all_of(command.operands.begin(), command.operands.end(), is_absolute)) {
    return malformed("UPLOAD: only absolute paths");
  }
  return {std::make_unique<operations::Push>(driver_.node(), driver_.offer(command.operands), targets, now)};
}

operations::PeerStatus Service::status(net::TimePoint now) const {
  operations::PeerStatus status;
  status.name = name_;
  status.node = net::to_hex(driver_.node().id());
  for (const net::Endpoint& endpoint : driver_.listening()) status.listening.push_back(endpoint.to_string());
  status.mode = "open";
  if (const files::Share* share = driver_.share()) {
    status.shared_files = share->catalog().file_count();
    status.shared_bytes = share->catalog().total_bytes();
  }
  status.peers = driver_.node().peers().size();
  status.transfers = driver_.node().running_transfers();
  status.bytes_in = driver_.node().bytes_in();
  status.bytes_out = driver_.node().bytes_out();
  status.rate_in = static_cast<std::uint64_t>(driver_.node().rate_in(now));
  status.rate_out = static_cast<std::uint64_t>(driver_.node().rate_out(now));
  status.limit = limit_;
  status.accept_push = accept_push_;
  status.uptime = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
  return status;
}

}  // namespace peer
