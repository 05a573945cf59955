// SPDX-License-Identifier: MIT
#include "peer/serve.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <utility>

#include "net/bytes.h"
#include "net/utf8.h"
#include "peer/control/server.h"
#include "peer/driver.h"
#include "peer/host_names.h"
#include "peer/introducer/protocol.h"
#include "peer/operations/events.h"
#include "peer/operations/exit_status.h"
#include "peer/operations/get.h"
#include "peer/operations/list.h"
#include "peer/operations/once.h"
#include "peer/operations/peers.h"
#include "peer/operations/push.h"
#include "peer/operations/records.h"

namespace peer {
namespace {

std::string host_name() {
  std::array<char, wire::kMaxNameSize + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "peer";
  return net::to_valid_utf8(name.data()).substr(0, wire::kMaxNameSize);
}

/// Turns the requests of the control socket into operations on the running peer.
class Service final : public control::Handler {
 public:
  Service(Driver& driver, const DriverOptions& options, net::TimePoint now)
      : driver_(driver), name_(options.name), limit_(options.limit), started_(now) {}

  bool stopping() const { return stopping_; }

  net::Result<std::unique_ptr<operations::Operation>, control::Refusal> start(
      net::TimePoint now, const control::Command& command) override {
    Node& node = driver_.node();
    if (command.op == "LIST_ALL_FILES") return {std::make_unique<operations::List>(node, now)};
    if (command.op == "SEARCH") {
      if (command.operands.size() != 1)
        return net::Failure{control::Refusal{control::kMalformedRequest, "SEARCH what?"}};
      return {std::make_unique<operations::List>(node, now, command.operands.front())};
    }
    if (command.op == "PEERS") return {std::make_unique<operations::Peers>(node, now)};
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
    if (command.op == "UPLOAD") return upload(now, command);
    return net::Failure{control::Refusal{}};
  }

 private:
  net::Result<std::unique_ptr<operations::Operation>, control::Refusal> upload(net::TimePoint now,
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
  operations::PeerStatus status(net::TimePoint now) const {
    operations::PeerStatus status;
    status.name = name_;
    status.node = net::to_hex(driver_.node().id());
    for (const net::Endpoint& endpoint : driver_.listening()) status.listening.push_back(endpoint.to_string());
    status.mode = "open";
    if (const files::Share* share = driver_.share()) {
      status.shared_files = share->catalog().size();
      status.shared_bytes = share->catalog().total_bytes();
    }
    status.peers = driver_.node().peers().size();
    status.transfers = driver_.node().running_transfers();
    status.bytes_in = driver_.node().bytes_in();
    status.bytes_out = driver_.node().bytes_out();
    status.rate_in = static_cast<std::uint64_t>(driver_.node().rate_in(now));
    status.rate_out = static_cast<std::uint64_t>(driver_.node().rate_out(now));
    status.limit = limit_;
    status.uptime =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
    return status;
  }

  Driver& driver_;
  std::string name_;
  std::optional<std::uint64_t> limit_;
  net::TimePoint started_;
  bool stopping_ = false;
};

void announce(const Driver& driver, const std::string& home, bool accepts_pushes) {
  std::string where;
  for (const net::Endpoint& endpoint : driver.listening())
    where += (where.empty() ? "" : " and ") + endpoint.to_string();
  net::Log log("p2ppeer", net::LogLevel::kInfo);
  log.info("open: whoever is on the local network can fetch what is in shared/ and downloads/");
  if (accepts_pushes) log.info("and push files into downloads/");
  log.info("serving " + home + " on " + where);
}

}  // namespace

int serve(const std::string& home, const ServeCommand& command, const net::Log& log, bool quiet) {
  DriverOptions options;
  options.serve = true;
  options.name = command.name.empty() ? host_name() : command.name;
  options.listen = command.listen;
  options.peers_file = command.peers_file;
  options.announce = command.announce;
  if (!command.introducer.empty()) {
    options.introducer = look_up_host("--introducer", command.introducer, introducer::kPort);
  }
  options.limit = command.limit;
  options.accept_push = command.accept_push;
  Driver driver(home, options, log);
  driver.loop().catch_signal(SIGINT);
  driver.loop().catch_signal(SIGTERM);
  driver.loop().catch_signal(SIGHUP);
  net::TimePoint now = net::Clock::now();
  Service service(driver, options, now);
  control::Server control(driver.home().state(), driver.loop(), service);
  if (!quiet) announce(driver, home, command.accept_push.has_value());

  while (!service.stopping() && !driver.loop().take_signal()) {
    now = driver.pass(control.deadline());
    control.step(now);
  }
  control.shut_down(now);
  // A second signal ends it at once.
  while (!control.drained() && !driver.loop().take_signal()) {
    now = driver.pass(net::earlier(control.deadline(), now + std::chrono::milliseconds(100)));
    control.step(now);
  }
  driver.leave();
  return operations::kExitDone;
}

}  // namespace peer
