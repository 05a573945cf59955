// SPDX-License-Identifier: MIT
#include "scanner/run.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "net/bytes.h"
#include "net/digest.h"
#include "net/escape.h"
#include "net/iface.h"
#include "net/log.h"
#include "net/resolve.h"
#include "scanner/arp_lane.h"
#include "scanner/exit_status.h"
#include "scanner/live_scan.h"
#include "scanner/ndp_lane.h"
#include "scanner/offline_scan.h"
#include "scanner/plan.h"
#include "scanner/privileges.h"
#include "scanner/targets.h"
#include "scanner/watch_scan.h"

namespace scanner {
namespace {

constexpr const char* kNotPermitted =
    "a scan needs raw sockets. Use: sudo p2pscan, or once: sudo setcap cap_net_raw+ep $(command -v p2pscan)";

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Targets {
  std::vector<AddressRange> v4;
  std::vector<net::Ipv6Address> v6;
};

// Looks up a name, for the family that is wanted.
void add_named(const std::string& name, bool ipv6, Targets& targets) {
  const std::size_t before = targets.v4.size() + targets.v6.size();
  for (const net::IpAddress& address : net::resolve_host(name)) {
    if (!ipv6 && address.v4() != nullptr) targets.v4.push_back({*address.v4(), *address.v4()});
    if (ipv6 && address.v6() != nullptr) targets.v6.push_back(*address.v6());
  }
  if (targets.v4.size() + targets.v6.size() == before) {
    throw UsageError(net::escape(name) + ": no IPv" + (ipv6 ? "6" : "4") + " address is known by this name");
  }
}

Targets read_targets(const Options& options) {
  Targets targets;
  for (const std::string& text : options.targets) {
    const auto target = parse_target(text);
    if (!target.ok()) throw UsageError(net::escape(text) + ": " + std::string(describe(target.error())));
    if (const auto* name = std::get_if<HostName>(&*target)) {
      add_named(name->name, options.ipv6, targets);
    } else if (const auto* range = std::get_if<AddressRange>(&*target)) {
      if (options.ipv6) throw UsageError(net::escape(text) + ": not an IPv6 address; leave -6 out");
      targets.v4.push_back(*range);
    } else {
      if (!options.ipv6) throw UsageError(net::escape(text) + ": an IPv6 address; use -6");
      targets.v6.push_back(std::get<net::Ipv6Address>(*target));
    }
  }
  return targets;
}

net::Log make_log(const Options& options) {
  return net::Log("p2pscan", options.verbose ? net::LogLevel::kDebug : net::LogLevel::kWarning);
}

using Lanes = std::vector<std::unique_ptr<Lane>>;
using Opened = net::Result<Lanes, PlanError>;

Opened open_arp_lanes(const Options& options, const Targets& targets, const net::Log& log) {
  auto plan = make_plan(net::list_interfaces(), net::default_route_interface(),
                        {targets.v4, options.interface, options.all_interfaces});
  if (!plan.ok()) return net::Failure{plan.error()};
  for (const std::string& warning : plan->warnings) log.warning(warning);
  Lanes lanes;
  with_raw_sockets([&] {
    for (InterfacePlan& part : plan->interfaces) {
      auto link = std::make_unique<Link>(part.interface.name, kArpFilter);
      lanes.push_back(std::make_unique<ArpLane>(std::move(part), std::move(link)));
    }
  });
  return lanes;
}

Opened open_ndp_lanes(const Options& options, Targets targets) {
  std::optional<std::string> named = options.interface;
  for (net::Ipv6Address& target : targets.v6) {
    if (!named && !options.all_interfaces && !target.zone.empty()) named = target.zone;
    target.zone.clear();
  }
  const auto chosen = choose_interfaces(net::list_interfaces(), net::default_route_interface(),
                                        {{}, named, options.all_interfaces}, false);
  if (!chosen.ok()) return net::Failure{chosen.error()};
  // Answers to another scan's echo requests are not ours.
  std::array<std::byte, 2> random{};
  net::random_bytes(random);
  const auto identifier = net::ByteReader(random).u16();
  Lanes lanes;
  with_raw_sockets([&] {
    for (const net::Interface& interface : *chosen) {
      auto link = std::make_unique<Link>(interface.name, kNdpFilter, kNdpSnapLength, true);
      lanes.push_back(std::make_unique<NdpLane>(interface, std::move(link), targets.v6, identifier));
    }
  });
  return lanes;
}

int run_live(const Options& options, const net::Log& log) {
  if (!may_open_raw_sockets()) {
    log.error(kNotPermitted);
    return kExitNotPermitted;
  }
  keep_only_raw_sockets();
  const Targets targets = read_targets(options);
  auto lanes = options.ipv6 ? open_ndp_lanes(options, targets) : open_arp_lanes(options, targets, log);
  drop_privileges();
  if (!lanes.ok()) {
    log.error(lanes.error().message);
    return lanes.error().kind == PlanError::Kind::kUsage ? kExitUsage : kExitNoInterface;
  }
  if (options.watch_interval) return WatchScan(options, log, std::move(*lanes)).run();
  return LiveScan(options, log, std::move(*lanes)).run();
}

// Standard output that took no more, such as a full disk, is a failure even though the scan was none.
int checked_output(int status, const net::Log& log) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  log.error("standard output took not all of the results");
  return kExitFailed;
}

int run_any(const Options& options, const net::Log& log) {
  if (options.read_pcap.empty() && !options.cached) return run_live(options, log);
  keep_only_raw_sockets();
  drop_privileges();
  const std::vector<AddressRange> targets = read_targets(options).v4;
  return options.cached ? run_cached(options, targets) : run_offline(options, log, targets);
}

}  // namespace

int run(const Options& options) {
  const net::Log log = make_log(options);
  // A reader of our output that goes away must not keep the peer list from being written.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return checked_output(run_any(options, log), log);
  } catch (const UsageError& error) {
    log.error(error.what());
    return kExitUsage;
  } catch (const PermissionDenied& error) {
    log.error(std::string(error.what()) + ": " + kNotPermitted);
    return kExitNotPermitted;
  }
}

}  // namespace scanner
