// SPDX-License-Identifier: MIT
#include "scanner/live_scan.h"

#include <csignal>
#include <cstdio>
#include <functional>

#include "net/counted.h"
#include "net/escape.h"
#include "scanner/exit_status.h"

namespace scanner {
namespace {

std::unique_ptr<CaptureWriter> open_capture(const std::string& path) {
  return path.empty() ? nullptr : std::make_unique<CaptureWriter>(path);
}

}  // namespace

LiveScan::LiveScan(const Options& options, const net::Log& log, std::vector<std::unique_ptr<Lane>> lanes)
    : options_(options),
      log_(log),
      file_(options.output),
      capture_(open_capture(options.write_pcap)),
      report_(options.format, !file_.to_stdout(), table_, vendors_),
      progress_(!options.quiet),
      lanes_(std::move(lanes), table_, capture_.get(), loop_) {
  lanes_.on_seen([this](net::TimePoint now, HostTable::Seen what) { seen(now, what); });
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) loop_.catch_signal(signal);
  if (options_.probe_port) {
    prober_.emplace(loop_, *options_.probe_port, [this](net::TimePoint, const HostTable::Key& key, bool peer) {
      answered(key, [&](Host& host) { host.peer = peer ? PeerState::kPeer : PeerState::kNoPeer; });
    });
  }
  if (options_.resolve) {
    names_.emplace(loop_, [this](const HostTable::Key& key, const std::string& name) {
      answered(key, [&](Host& host) { host.name = name; });
    });
  }
}

void LiveScan::seen(net::TimePoint now, const HostTable::Seen& seen) {
  if (seen.change != HostTable::Change::kNew) return;
  Host& host = *seen.host;
  const HostTable::Key key{host.address, host.interface};
  host.enquiries = (prober_ && !host.self ? 1U : 0U) + (names_ ? 1U : 0U);
  if (host.enquiries == 0) report_.show(host);
  if (prober_ && !host.self) prober_->ask(now, key);
  if (names_) names_->ask(key);
}

void LiveScan::answered(const HostTable::Key& key, const std::function<void(Host&)>& note) {
  Host* host = table_.find(key.second, key.first);
  if (host == nullptr) return;
  note(*host);
  if (--host->enquiries == 0) report_.show(*host);
}

bool LiveScan::done(net::TimePoint now) const {
  // Listening has no end of its own; it is over when nobody can read what is heard.
  if (options_.passive && report_.lost()) return true;
  const bool answered = (!prober_ || prober_->idle()) && (!names_ || names_->idle());
  return answered && (enough() || lanes_.done(now));
}

net::TimePoint LiveScan::wait(net::TimePoint now) {
  // Sending, or an expired enquiry, may have been the last thing to do.
  if (done(now)) return loop_.wait(now);
  std::optional<net::TimePoint> next = enough() ? std::nullopt : lanes_.deadline(now);
  if (prober_) next = net::earlier(next, prober_->deadline());
  return loop_.wait(next);
}

std::optional<int> LiveScan::gather() {
  net::TimePoint now = net::Clock::now();
  const net::TimePoint started = now;
  options_.passive ? lanes_.listen(now) : lanes_.start(now, options_);
  while (!done(now)) {
    if (!enough()) lanes_.pump(now);
    if (prober_) prober_->expire(now);
    if (progress_.due(now, started)) show_progress(now);
    now = wait(now);
    if (const auto signal = loop_.take_signal()) return signal;
  }
  return std::nullopt;
}

void LiveScan::show_progress(net::TimePoint now) {
  std::string text = net::counted(table_.others(), "host", "hosts");
  if (!options_.passive) {
    const Sweep::Progress sum = lanes_.progress(now);
    const std::uint64_t percent = sum.round_targets == 0 ? 100 : 100 * sum.round_done / sum.round_targets;
    text += "; round " + std::to_string(sum.round) + ", " + std::to_string(percent) + " %, " +
            std::to_string(static_cast<long>(sum.rate)) + " requests/s";
  }
  progress_.show(now, text);
}

int LiveScan::run() {
  if (options_.vendors) vendors_.start();
  report_.begin();
  const net::TimePoint started = net::Clock::now();
  const std::optional<int> signal = gather();
  const net::Duration took = net::Clock::now() - started;
  const std::vector<std::string> failures = lanes_.failures();
  for (const std::string& failure : failures) log_.error(failure);
  // Listening has no end of its own, so being interrupted does not cut it short.
  const bool cut_short = (signal && !options_.passive) || !failures.empty();
  finish(!cut_short && !options_.passive && !enough());
  summarize(took, cut_short);
  if (signal && !options_.passive) return 128 + *signal;
  if (!failures.empty()) return kExitFailed;
  return table_.others() > 0 ? kExitFound : kExitNone;
}

// Whatever ended the sweep, what it found is shown and kept.
void LiveScan::finish(bool whole) {
  progress_.clear();
  report_.end();
  AddressSet asked = whole ? lanes_.targets() : AddressSet{};
  file_.write({.table = table_, .vendors = vendors_.get(), .last_seen = utc_now(), .asked = std::move(asked)});
  if (capture_) capture_->flush();
}

void LiveScan::summarize(net::Duration took, bool cut_short) const {
  std::uint64_t requests = 0;
  std::uint64_t targets = 0;
  std::uint64_t dropped = 0;
  std::string places;
  for (const auto& lane : lanes_.lanes()) {
    const auto progress = lane->progress().value_or(Sweep::Progress{});
    requests += progress.requests;
    targets += progress.targets;
    dropped += lane->link().dropped();
    places += (places.empty() ? "" : ", ") + net::escape(lane->interface().name);
  }
  // A run that may have missed answers says so, even when it is to be quiet.
  if (dropped > 0) {
    log_.warning("the kernel dropped " + net::counted(dropped, "received frame", "received frames") +
                 "; hosts may be missing. Use a lower --rate");
  }
  tell_details();
  if (options_.quiet) return;
  const std::string of = targets == 0 ? "" : " of " + net::counted(targets, "address", "addresses");
  std::fprintf(stderr, "%s%s on %s in %.2f s, %s%s%s%s\n", net::counted(table_.others(), "host", "hosts").c_str(),
               of.c_str(), places.c_str(), net::to_seconds(took), net::counted(requests, "request", "requests").c_str(),
               file_.place().empty() ? "" : "; peer list: ", file_.place().c_str(),
               !cut_short ? "" : " (incomplete: the scan was cut short)");
}

void LiveScan::tell_details() const {
  if (const auto took = vendors_.took()) {
    const auto tenths = std::chrono::duration_cast<std::chrono::microseconds>(*took).count() / 100;
    log_.debug(net::counted(vendors_.size(), "vendor prefix", "vendor prefixes") + " read in " +
               std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms");
  }
  for (const auto& lane : lanes_.lanes()) {
    const auto progress = lane->progress();
    if (!progress) continue;
    log_.debug(lane->interface().name + ": " + net::counted(progress->round, "round", "rounds") + ", " +
               net::counted(progress->found_later, "host", "hosts") + " answered only a later request, last pace " +
               std::to_string(static_cast<long>(progress->rate)) + "/s, queue full " + std::to_string(lane->blocked()) +
               " times, " + net::counted(progress->dropped, "frame", "frames") + " dropped");
    for (const auto& [reason, frames] : lane->rejected()) {
      log_.debug(lane->interface().name + ": " + net::counted(frames, "frame", "frames") +
                 " rejected: " + std::string(reason));
    }
  }
}

}  // namespace scanner
