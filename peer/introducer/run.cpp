// SPDX-License-Identifier: MIT
#include "peer/introducer/run.h"

#include <sys/file.h>

#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "net/files.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "peer/ending_signals.h"
#include "peer/introducer/directory.h"
#include "peer/introducer/protocol.h"
#include "peer/introducer/registry.h"
#include "peer/introducer/server.h"
#include "peer/introducer/service.h"
#include "peer/operations/exit_status.h"

namespace peer::introducer {
namespace {

net::LogLevel level_of(const Options& options) {
  if (options.verbose) return net::LogLevel::kDebug;
  return options.quiet ? net::LogLevel::kWarning : net::LogLevel::kInfo;
}

/// Two would each overwrite what the other keeps. The lock ends with the process, however that ends.
net::Folder open_and_lock(const std::string& path) {
  net::Folder folder = net::Folder::open(path, true);
  if (::flock(folder.fd(), LOCK_EX | LOCK_NB) == 0) return folder;
  if (errno == EWOULDBLOCK) throw std::runtime_error(path + ": another p2pdns runs in this folder");
  throw std::system_error(errno, std::generic_category(), "lock " + path);
}

void restore(Directory& directory, Registry& registry, const Options& options, net::TimePoint now) {
  for (const Registry::Kept& kept : registry.load(options.ttl, options.max_peers)) {
    directory.join(now - kept.age, kept.peer);
  }
  // They are on disk already, but for those that the directory did not take.
  std::vector<Directory::Change> changes = directory.take_changes();
  std::erase_if(changes, [](const Directory::Change& change) { return !change.gone; });
  registry.write(changes);
}

void listen(Server& server, const Options& options, const net::Log& log) {
  auto say = [&](const net::Endpoint& bound) { log.info("listening on " + bound.to_string()); };
  say(server.listen(options.listen.value_or(net::Endpoint{net::Ipv4Address{}, kPort})));
  if (options.listen) return;
  try {
    say(server.listen({net::Ipv6Address{}, kPort}));
  } catch (const std::runtime_error& error) {
    log.warning(std::string("not listening on IPv6: ") + error.what());
  }
}

}  // namespace

int run(const Options& options) {
  const net::Log log("p2pdns", level_of(options));
  const net::Folder folder = open_and_lock(options.folder);
  net::SelectLoop loop;
  catch_ending_signals(loop);

  Registry registry(options.folder + "/introducer.db", [&](const std::string& warning) { log.warning(warning); });
  Directory directory({options.ttl, options.max_peers});
  restore(directory, registry, options, net::Clock::now());
  std::function<void(const std::string&)> note;
  if (options.verbose) note = [&](const std::string& line) { log.debug(line); };
  Service service(directory, note);
  Server server(loop, service, log);
  listen(server, options, log);
  log.info("peers known: " + std::to_string(directory.size()));

  while (!loop.take_signal()) {
    const net::TimePoint now = loop.wait(net::earlier(server.deadline(), directory.deadline()));
    directory.expire(now);
    server.step(now);
    registry.write(directory.take_changes());
    server.send_answers(now);
  }
  log.info("ended; peers known: " + std::to_string(directory.size()));
  return operations::kExitDone;
}

}  // namespace peer::introducer
