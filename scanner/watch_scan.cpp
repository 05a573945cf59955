// SPDX-License-Identifier: MIT
#include "scanner/watch_scan.h"

#include <csignal>
#include <cstdio>

#include "scanner/exit_status.h"
#include "scanner/record.h"

namespace scanner {

WatchScan::WatchScan(const Options& options, const net::Log& log, std::vector<std::unique_ptr<Lane>> lanes)
    : options_(options),
      log_(log),
      file_(options.output),
      capture_(options.write_pcap.empty() ? nullptr : std::make_unique<CaptureWriter>(options.write_pcap)),
      lanes_(std::move(lanes), table_, capture_.get(), loop_) {
  lanes_.on_seen([this](net::TimePoint, HostTable::Seen what) { seen(what); });
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) loop_.catch_signal(signal);
}

int WatchScan::run() {
  // Every line that is printed names a vendor, so there is nothing to be gained by not waiting for them.
  if (options_.vendors) vendors_.start();
  (void)vendors_.get();
  net::TimePoint now = net::Clock::now();
  bool sweeping = false;
  net::TimePoint next = now;
  while (!loop_.take_signal() && !Report::lost()) {
    if (!sweeping && now >= next) {
      next = now + *options_.watch_interval;
      lanes_.start(now, options_);
      sweeping = true;
    }
    lanes_.pump(now);
    if (sweeping && lanes_.done(now)) {
      sweeping = false;
      end_sweep();
      if (const auto failures = lanes_.failures(); !failures.empty()) {
        log_.error(failures.front());
        return kExitFailed;
      }
      continue;
    }
    now = loop_.wait(sweeping ? lanes_.deadline(now) : next);
  }
  if (capture_) capture_->flush();
  if (changed_) write_list();
  return table_.others() > 0 ? kExitFound : kExitNone;
}

void WatchScan::seen(const HostTable::Seen& seen) {
  const Host& host = *seen.host;
  if (host.self || !seen.mac) return;
  if (const auto event = presence_.seen({host.address, host.interface}, *seen.mac)) tell(*event);
}

void WatchScan::end_sweep() {
  for (const Presence::Event& event : presence_.end_sweep()) tell(event);
  if (changed_) write_list();
  changed_ = false;
}

void WatchScan::tell(const Presence::Event& event) {
  changed_ = true;
  if (event.kind == Presence::Kind::kMove) table_.forget({*event.old_address, event.host.second});
  if (event.kind == Presence::Kind::kChange) {
    // The old MAC is gone; with it the table would see a conflict.
    table_.forget(event.host);
    table_.see({.interface = event.host.second,
                .address = event.host.first,
                .mac = event.mac,
                .source = Source::kReply,
                .round_trip = {},
                .requests = 0});
  }
  if (const Host* host = table_.find(event.host.second, event.host.first)) print(event, *host);
  if (event.kind == Presence::Kind::kLeave) table_.forget(event.host);
}

void WatchScan::print(const Presence::Event& event, const Host& host) {
  const Record record = make_record(host, table_, vendors_.get());
  EventLine line{name_of(event.kind), utc_now(), {}};
  if (event.old_mac) line.was = event.old_mac->to_string();
  if (event.old_address) line.was = event.old_address->to_string();
  std::string text;
  switch (options_.format) {
    case Format::kJson:
      text = format_event_json(line, record);
      break;
    case Format::kTable:
      text = format_event_text(line, record);
      break;
    case Format::kPlain:
    case Format::kCsv:
      text = format_event_plain(line, record);
      break;
  }
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
  (void)std::fflush(stdout);
}

void WatchScan::write_list() {
  file_.write({.table = table_, .vendors = vendors_.get(), .last_seen = utc_now(), .asked = lanes_.targets()});
}

}  // namespace scanner
