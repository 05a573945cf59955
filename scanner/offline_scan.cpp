// SPDX-License-Identifier: MIT
#include "scanner/offline_scan.h"

#include <array>
#include <cstdio>

#include "net/counted.h"
#include "scanner/arp_codec.h"
#include "scanner/capture.h"
#include "scanner/evidence.h"
#include "scanner/exit_status.h"
#include "scanner/hosts.h"
#include "scanner/neighbours.h"
#include "scanner/peer_file_writer.h"
#include "scanner/report.h"

namespace scanner {

int run_offline(const Options& options, const net::Log& log, const std::vector<AddressRange>& targets) {
  AddressSet wanted;
  for (const AddressRange& range : targets) wanted.add(range);
  const PeerFileWriter file(options.output);
  CaptureReader capture(options.read_pcap);
  HostTable table;
  VendorLoader vendors;
  if (options.vendors) vendors.start();
  Report report(options.format, !file.to_stdout(), table, vendors);
  report.begin();

  std::size_t frames = 0;
  std::array<std::size_t, kArpErrorCount> rejected{};
  capture.read([&](CaptureReader::WallTime, net::ByteView frame) {
    ++frames;
    const auto message = decode_arp(frame);
    if (!message.ok()) {
      ++rejected.at(static_cast<std::size_t>(message.error()));
      return;
    }
    if (!wanted.empty() && !wanted.contains(message->sender)) return;
    const auto evidence = judge(*message, net::MacAddress{});
    if (!evidence) return;
    const HostTable::Seen seen = table.see({.interface = {},
                                            .address = message->sender,
                                            .mac = message->sender_mac,
                                            .source = evidence->source,
                                            .round_trip = {},
                                            .requests = 0});
    if (seen.change == HostTable::Change::kNew) report.show(*seen.host);
  });
  report.end();
  file.write({.table = table, .vendors = vendors.get(), .last_seen = utc_now(), .asked = {}});
  for (std::size_t reason = 0; reason < rejected.size(); ++reason) {
    if (rejected.at(reason) == 0) continue;
    log.debug(net::counted(rejected.at(reason), "frame", "frames") +
              " rejected: " + std::string(describe(static_cast<ArpError>(reason))));
  }
  if (!options.quiet) {
    std::fprintf(stderr, "%s in %s\n", net::counted(table.hosts().size(), "host", "hosts").c_str(),
                 net::counted(frames, "frame", "frames").c_str());
  }
  return table.hosts().empty() ? kExitNone : kExitFound;
}

int run_cached(const Options& options, const std::vector<AddressRange>& targets) {
  AddressSet wanted;
  for (const AddressRange& range : targets) wanted.add(range);
  const PeerFileWriter file(options.output);
  HostTable table;
  VendorLoader vendors;
  if (options.vendors) vendors.start();
  Report report(options.format, !file.to_stdout(), table, vendors);
  report.begin();
  for (const Sighting& sighting : read_neighbours()) {
    const net::Ipv4Address* v4 = sighting.address.v4();
    if (options.interface && sighting.interface != *options.interface) continue;
    if (!wanted.empty() && (v4 == nullptr || !wanted.contains(*v4))) continue;
    table.see(sighting);
  }
  report.end();
  file.write({.table = table, .vendors = vendors.get(), .last_seen = utc_now(), .asked = {}});
  if (!options.quiet) {
    std::fprintf(stderr, "%s in the neighbour table\n", net::counted(table.hosts().size(), "host", "hosts").c_str());
  }
  return table.hosts().empty() ? kExitNone : kExitFound;
}

}  // namespace scanner
