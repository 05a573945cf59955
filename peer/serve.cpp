// SPDX-License-Identifier: MIT
#include "peer/serve.h"

#include <unistd.h>

#include <array>

#include "net/utf8.h"
#include "peer/control/server.h"
#include "peer/driver.h"
#include "peer/ending_signals.h"
#include "peer/host_names.h"
#include "peer/introducer/protocol.h"
#include "peer/operations/exit_status.h"
#include "peer/service.h"

namespace peer {
namespace {

std::string host_name() {
  std::array<char, wire::kMaxNameSize + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "peer";
  return net::to_valid_utf8(name.data()).substr(0, wire::kMaxNameSize);
}

void announce(const Driver& driver, const std::string& home, const ServeCommand& command) {
  std::string where;
  for (const net::Endpoint& endpoint : driver.listening())
    where += (where.empty() ? "" : " and ") + endpoint.to_string();
  net::Log log("p2ppeer", net::LogLevel::kInfo);
  log.info("open: whoever is on the local network can fetch what is in shared/ and downloads/");
  if (command.accept_push) log.info("and push files into downloads/");
  if (command.legacy) log.info("older programs are sent what is in shared/, up to 16 MiB");
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
  options.legacy = command.legacy;
  Driver driver(home, options, log);
  catch_ending_signals(driver.loop());
  net::TimePoint now = net::Clock::now();
  Service service(driver, options, now);
  control::Server control(driver.home().state(), driver.loop(), service);
  if (!quiet) announce(driver, home, command);

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
