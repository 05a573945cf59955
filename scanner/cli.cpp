// SPDX-License-Identifier: MIT
#include "scanner/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string_view>

#include "net/address.h"
#include "net/escape.h"
#include "scanner/exit_status.h"

namespace scanner {
namespace {

constexpr unsigned kHighestRate = 1'000'000;
constexpr unsigned kMostRetries = 20;
constexpr unsigned kLongestTimeoutMs = 60'000;

constexpr const char* kFooter =
    "\nScan only networks that you may scan. Without root: sudo p2pscan, or once:\n"
    "  sudo setcap cap_net_raw+ep $(command -v p2pscan)\n"
    "Exit status: 0 hosts found, 1 none found or failed, 2 usage, 3 not permitted, 4 no usable interface,\n"
    "130 interrupted. The manual is p2pscan(8).";

struct Raw {
  bool plain = false, json = false, csv = false, no_vendor = false;
  std::string profile = "auto";
  unsigned rate = 0;
  unsigned retries = 0;
  unsigned timeout_ms = 0;
  std::uint16_t probe_port = net::kPeerPort;
  double watch_seconds = 10;
  std::size_t count = 0;
};

void declare(CLI::App& app, Options& options, Raw& raw) {
  app.set_help_flag("-h,--help", "Show this and exit");
  app.set_version_flag("--version", std::string("p2pscan ") + P2P_VERSION, "Show the version and exit");
  app.footer(kFooter);
  app.add_option("TARGET", options.targets,
                 "Network (10.0.0.0/24), range (10.0.0.5-10.0.0.20), address or name; without one: the interface's "
                 "own networks");
  app.add_option("-i,--interface", options.interface, "Interface to scan on")->type_name("IF");
  app.add_flag("-A,--all", options.all_interfaces, "Scan on all suitable interfaces")->excludes("--interface");
  app.add_flag("-6,--ipv6", options.ipv6, "Find IPv6 hosts: echo and listener query to all, or neighbour discovery");
  app.add_option("-o,--output", options.output, "Peer list to write; - is standard output, none writes none")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_flag("--plain", raw.plain, "Print lines: IP<TAB>MAC<TAB>vendor");
  app.add_flag("--json", raw.json, "Print JSON Lines")->excludes("--plain");
  app.add_flag("--csv", raw.csv, "Print CSV")->excludes("--plain")->excludes("--json");
  app.add_flag("-q,--quiet", options.quiet, "No summary and no progress");
  app.add_flag("-v,--verbose", options.verbose, "Tell about rounds, pace and drops")->excludes("--quiet");
  app.add_flag("--no-vendor", raw.no_vendor, "No vendor names");
  app.add_option("--rate", raw.rate, "Requests a second")->type_name("PPS")->check(CLI::Range(1U, kHighestRate));
  app.add_option("--retries", raw.retries, "Ask silent hosts again N times")
      ->type_name("N")
      ->check(CLI::Range(0U, kMostRetries));
  app.add_option("--timeout", raw.timeout_ms, "Wait so long for an answer to a first request")
      ->type_name("MS")
      ->check(CLI::Range(1U, kLongestTimeoutMs));
  app.add_option("--profile", raw.profile, "Patience: auto, lan or wifi (auto: by the kind of interface)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"auto", "lan", "wifi"}));
  app.add_option("--probe", raw.probe_port, "Find out which hosts are peers, by their TCP port (12345)")
      ->type_name("[PORT]")
      ->check(CLI::Range(1, 65535));
  app.add_flag("--resolve", options.resolve, "Look up the hosts' names");
  app.add_option("--count", raw.count, "Stop after N hosts")->type_name("N")->check(CLI::Range(1U, 1U << 24));
  app.add_option("--watch", raw.watch_seconds, "Keep sweeping every so many seconds (10); print who comes and goes")
      ->type_name("[INTERVAL]")
      ->check(CLI::Range(0.1, 86400.0));
  app.add_flag("--passive", options.passive, "Only listen, until interrupted");
  app.add_flag("--cached", options.cached, "Show the kernel's neighbour table; needs no privilege");
  app.add_option("--read-pcap", options.read_pcap, "Take answers from a capture instead of the network")
      ->type_name("FILE");
  app.add_option("--write-pcap", options.write_pcap, "Save the frames sent and received")->type_name("FILE");
}

void apply(const CLI::App& app, const Raw& raw, Options& options) {
  options.vendors = !raw.no_vendor;
  if (raw.plain) options.format = Format::kPlain;
  if (raw.json) options.format = Format::kJson;
  if (raw.csv) options.format = Format::kCsv;
  if (raw.profile == "lan") options.profile = Profile::kLan;
  if (raw.profile == "wifi") options.profile = Profile::kWifi;
  if (app.count("--rate") > 0) options.sweep.rate = raw.rate;
  if (app.count("--retries") > 0) options.sweep.retries = raw.retries;
  if (app.count("--probe") > 0) options.probe_port = raw.probe_port;
  if (app.count("--count") > 0) options.count = raw.count;
  if (app.count("--watch") > 0) {
    options.watch_interval =
        std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(raw.watch_seconds));
  }
  if (app.count("--timeout") > 0) options.sweep.timeout = std::chrono::milliseconds(raw.timeout_ms);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(text.begin(), text.end(), '.') <= 1;
}

// The arguments in CLI11's order (last first), with the value of --probe and --watch made explicit where it is left
// out: what follows may be a target.
std::vector<std::string> explicit_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool probe = arguments[i] == "--probe";
    if (!probe && arguments[i] != "--watch") continue;
    if (i + 1 < arguments.size() && is_number(arguments[i + 1])) continue;
    arguments[i] += probe ? "=" + std::to_string(net::kPeerPort) : std::string("=10");
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

// What CLI11 cannot say about options that do not go together; empty when they do.
std::string contradiction(const Options& options) {
  if (options.output.empty()) return "--output needs a file name";
  if (options.output == "-" && options.format != Format::kTable) {
    return "the peer list and the results cannot both go to standard output; use -o FILE or -o none";
  }
  const bool offline = !options.read_pcap.empty();
  if (options.passive + options.cached + options.watch_interval.has_value() + offline > 1) {
    return "choose one of --watch, --passive, --cached and --read-pcap";
  }
  if (options.watch_interval && options.format == Format::kCsv) return "--watch prints no CSV; use --plain or --json";
  if (options.watch_interval && (options.output == "-" || options.probe_port || options.resolve || options.count)) {
    return "--watch goes with neither -o -, --probe, --resolve nor --count";
  }
  const bool silent = options.passive || options.cached || offline;
  if (silent && (options.sweep.rate || options.sweep.retries || options.sweep.timeout || options.profile)) {
    return "--rate, --retries, --timeout and --profile are about asking, and nobody is asked";
  }
  if ((options.cached || offline) && (options.count || options.probe_port || options.resolve)) {
    return "--count, --probe and --resolve need the network";
  }
  if (options.ipv6 && (options.cached || offline || options.sweep.rate)) {
    return "-6 goes with neither --cached, --read-pcap nor --rate";
  }
  if (options.cached && !options.write_pcap.empty()) return "--cached captures nothing";
  if (offline && (options.interface || options.all_interfaces || !options.write_pcap.empty())) {
    return "--read-pcap takes no interface and writes no capture";
  }
  return {};
}

}  // namespace

std::variant<Options, int> parse_command_line(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  CLI::App app("Find the live hosts of the local network, and write a peer list for p2ppeer.", "p2pscan");
  try {
    declare(app, options, raw);
    app.parse(explicit_arguments(argc, argv));
  } catch (const CLI::Success& answer) {
    const int status = app.exit(answer, std::cout, std::cerr);
    if (std::cout.flush()) return status;
    std::cerr << "p2pscan: standard output took not all of the text\n";
    return kExitFailed;
  } catch (const CLI::ParseError& mistake) {
    std::cerr << "p2pscan: " << net::escape(mistake.what()) << "\nTry: p2pscan --help\n";
    return kExitUsage;
  }
  apply(app, raw, options);
  if (const std::string problem = contradiction(options); !problem.empty()) {
    std::cerr << "p2pscan: " << problem << "\nTry: p2pscan --help\n";
    return kExitUsage;
  }
  return options;
}

}  // namespace scanner
