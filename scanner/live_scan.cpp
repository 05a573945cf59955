// SPDX-License-Identifier: MIT
#include "scanner/live_scan.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "net/escape.h"
#include "scanner/exit_status.h"

namespace scanner {

LiveScan::LiveScan(const Options& options, const net::Log& log, Plan plan, std::vector<std::unique_ptr<Link>> links)
    : options_(options),
      log_(log),
      file_(options.output),
      report_(options.format, !file_.to_stdout(), table_, vendors_),
      progress_(!options.quiet) {
  if (!options.write_pcap.empty()) capture_ = std::make_unique<CaptureWriter>(options.write_pcap);
  for (std::size_t i = 0; i < links.size(); ++i) {
    lanes_.push_back(std::make_unique<Lane>(std::move(plan.interfaces[i]), std::move(links[i]), table_));
    lanes_.back()->on_seen([this](net::TimePoint, HostTable::Seen seen) { report_.seen(seen); });
    lanes_.back()->record_to(capture_.get());
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) loop_.catch_signal(signal);
}

void LiveScan::start(net::TimePoint now) {
  for (const auto& lane : lanes_) {
    const net::Interface& interface = lane->plan().interface;
    const Profile profile = options_.profile.value_or(interface.wireless ? Profile::kWifi : Profile::kLan);
    loop_.add(lane->link());
    lane->start(now, profile, options_.sweep);
  }
}

bool LiveScan::done(net::TimePoint now) const {
  return std::all_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) { return lane->done(now); });
}

std::optional<net::TimePoint> LiveScan::deadline(net::TimePoint now) const {
  // Sending may have been the last thing to do.
  if (done(now)) return now;
  std::optional<net::TimePoint> next;
  for (const auto& lane : lanes_) {
    if (!lane->done(now)) next = net::earlier(next, lane->deadline(now));
  }
  return next;
}

std::optional<int> LiveScan::sweep() {
  net::TimePoint now = net::Clock::now();
  const net::TimePoint started = now;
  start(now);
  while (!done(now)) {
    for (const auto& lane : lanes_) lane->pump(now);
    if (progress_.due(now, started)) show_progress(now);
    now = loop_.wait(deadline(now));
    if (const auto signal = loop_.take_signal()) return signal;
  }
  return std::nullopt;
}

void LiveScan::show_progress(net::TimePoint now) {
  Sweep::Progress sum;
  double rate = 0;
  for (const auto& lane : lanes_) {
    const auto progress = lane->progress();
    if (!progress || lane->done(now)) continue;
    sum.round = std::max(sum.round, progress->round);
    sum.round_targets += progress->round_targets;
    sum.round_done += progress->round_done;
    rate += progress->rate;
  }
  const std::uint64_t percent = sum.round_targets == 0 ? 100 : 100 * sum.round_done / sum.round_targets;
  progress_.show(now, std::to_string(table_.others()) + " hosts; round " + std::to_string(sum.round) + ", " +
                          std::to_string(percent) + " %, " + std::to_string(static_cast<long>(rate)) + " requests/s");
}

int LiveScan::run() {
  if (options_.vendors) vendors_.start();
  report_.begin();
  const net::TimePoint started = net::Clock::now();
  const std::optional<int> signal = sweep();
  const net::Duration took = net::Clock::now() - started;
  bool failed = false;
  for (const auto& lane : lanes_) {
    loop_.remove(lane->link());
    failed = failed || !lane->failure().empty();
    if (!lane->failure().empty()) log_.error(lane->failure());
  }
  finish(!signal && !failed);
  summarize(took, !signal && !failed);
  if (signal) return 128 + *signal;
  if (failed) return kExitFailed;
  return table_.others() > 0 ? kExitFound : kExitNone;
}

// Whatever ended the sweep, what it found is shown and kept.
void LiveScan::finish(bool whole) {
  progress_.clear();
  report_.end();
  AddressSet asked;
  for (const auto& lane : lanes_) {
    if (whole) asked.add(lane->plan().targets());
  }
  file_.write({.table = table_, .vendors = vendors_.get(), .last_seen = utc_now(), .asked = std::move(asked)});
  if (capture_) capture_->flush();
}

void LiveScan::summarize(net::Duration took, bool whole) const {
  std::uint64_t requests = 0;
  std::uint64_t targets = 0;
  std::uint64_t dropped = 0;
  std::string places;
  for (const auto& lane : lanes_) {
    const auto progress = lane->progress().value_or(Sweep::Progress{});
    requests += progress.requests;
    targets += progress.targets;
    dropped += lane->link().dropped();
    places += (places.empty() ? "" : ", ") + net::escape(lane->plan().interface.name);
  }
  // A run that may have missed answers says so, even when it is to be quiet.
  if (dropped > 0) {
    log_.warning("the kernel dropped " + std::to_string(dropped) +
                 " received frames; hosts may be missing. Use a lower --rate");
  }
  tell_details();
  if (options_.quiet) return;
  std::fprintf(stderr, "%zu hosts of %llu addresses on %s in %.2f s, %llu requests%s%s%s\n", table_.others(),
               static_cast<unsigned long long>(targets), places.c_str(), std::chrono::duration<double>(took).count(),
               static_cast<unsigned long long>(requests),
               file_.place().empty() ? "" : "; peer list: ", file_.place().c_str(),
               whole ? "" : " (incomplete: the scan was cut short)");
}

void LiveScan::tell_details() const {
  for (const auto& lane : lanes_) {
    const auto progress = lane->progress();
    if (!progress) continue;
    log_.debug(lane->plan().interface.name + ": " + std::to_string(progress->round) + " rounds, " +
               std::to_string(progress->found_later) + " hosts answered only a later request, last pace " +
               std::to_string(static_cast<long>(progress->rate)) + "/s, queue full " + std::to_string(lane->blocked()) +
               " times, " + std::to_string(progress->dropped) + " frames dropped");
    for (std::size_t reason = 0; reason < lane->rejected().size(); ++reason) {
      if (lane->rejected().at(reason) == 0) continue;
      log_.debug(lane->plan().interface.name + ": " + std::to_string(lane->rejected().at(reason)) +
                 " frames rejected: " + std::string(describe(static_cast<ArpError>(reason))));
    }
  }
}

}  // namespace scanner
