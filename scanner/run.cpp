// SPDX-License-Identifier: MIT
#include "scanner/run.h"

#include <csignal>
#include <system_error>

#include "net/escape.h"
#include "net/iface.h"
#include "net/log.h"
#include "net/socket.h"
#include "scanner/arp_lane.h"
#include "scanner/exit_status.h"
#include "scanner/live_scan.h"
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

// Looks up names; what is an address already stays one.
std::vector<AddressRange> read_targets(const std::vector<std::string>& texts) {
  std::vector<AddressRange> ranges;
  for (const std::string& text : texts) {
    const auto target = parse_target(text);
    if (!target.ok()) throw UsageError(net::escape(text) + ": " + std::string(describe(target.error())));
    if (const auto* range = std::get_if<AddressRange>(&*target)) {
      ranges.push_back(*range);
    } else if (const auto* name = std::get_if<HostName>(&*target)) {
      const std::size_t before = ranges.size();
      for (const net::IpAddress& address : net::resolve_host(name->name)) {
        if (const net::Ipv4Address* v4 = address.v4()) ranges.push_back({*v4, *v4});
      }
      if (ranges.size() == before) throw UsageError(net::escape(text) + ": no IPv4 address is known by this name");
    } else {
      throw UsageError(net::escape(text) + ": an IPv6 address cannot be asked with ARP");
    }
  }
  return ranges;
}

net::Log make_log(const Options& options) {
  return net::Log("p2pscan", options.verbose ? net::LogLevel::kDebug : net::LogLevel::kWarning);
}

int run_live(const Options& options, const net::Log& log) {
  if (!may_open_raw_sockets()) {
    log.error(kNotPermitted);
    return kExitNotPermitted;
  }
  keep_only_raw_sockets();
  const PlanRequest request{read_targets(options.targets), options.interface, options.all_interfaces};
  auto plan = make_plan(net::list_interfaces(), net::default_route_interface(), request);
  if (!plan.ok()) {
    log.error(plan.error().message);
    return plan.error().kind == PlanError::Kind::kUsage ? kExitUsage : kExitNoInterface;
  }
  for (const std::string& warning : plan->warnings) log.warning(warning);
  std::vector<std::unique_ptr<Lane>> lanes;
  with_raw_sockets([&] {
    for (InterfacePlan& part : plan->interfaces) {
      auto link = std::make_unique<Link>(part.interface.name, kArpFilter);
      lanes.push_back(std::make_unique<ArpLane>(std::move(part), std::move(link)));
    }
  });
  drop_privileges();
  if (options.watch_interval) return WatchScan(options, log, std::move(lanes)).run();
  return LiveScan(options, log, std::move(lanes)).run();
}

}  // namespace

int run(const Options& options) {
  const net::Log log = make_log(options);
  // A reader of our output that goes away must not keep the peer list from being written.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    if (options.read_pcap.empty() && !options.cached) return run_live(options, log);
    keep_only_raw_sockets();
    drop_privileges();
    const std::vector<AddressRange> targets = read_targets(options.targets);
    return options.cached ? run_cached(options, targets) : run_offline(options, log, targets);
  } catch (const UsageError& error) {
    log.error(error.what());
    return kExitUsage;
  } catch (const PermissionDenied& error) {
    log.error(std::string(error.what()) + ": " + kNotPermitted);
    return kExitNotPermitted;
  }
}

}  // namespace scanner
