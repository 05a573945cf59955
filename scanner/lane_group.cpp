// SPDX-License-Identifier: MIT
#include "scanner/lane_group.h"

#include <algorithm>

namespace scanner {

LaneGroup::LaneGroup(std::vector<std::unique_ptr<Lane>> lanes, HostTable& table, CaptureWriter* writer,
                     net::SelectLoop& loop)
    : loop_(loop), lanes_(std::move(lanes)) {
  for (const auto& lane : lanes_) {
    lane->attach(table, writer);
    loop_.add(lane->link());
  }
}

LaneGroup::~LaneGroup() {
  for (const auto& lane : lanes_) loop_.remove(lane->link());
}

void LaneGroup::on_seen(const SeenHandler& handler) {
  for (const auto& lane : lanes_) lane->on_seen(handler);
}

void LaneGroup::start(net::TimePoint now, const Options& options) {
  for (const auto& lane : lanes_) {
    const bool wireless = lane->interface().wireless;
    lane->start(now, options.profile.value_or(wireless ? Profile::kWifi : Profile::kLan), options.sweep);
  }
}

void LaneGroup::listen(net::TimePoint now) {
  for (const auto& lane : lanes_) lane->listen(now);
}

void LaneGroup::pump(net::TimePoint now) {
  for (const auto& lane : lanes_) {
    lane->look(now);
    lane->pump(now);
  }
}

bool LaneGroup::done(net::TimePoint now) const {
  return std::all_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) { return lane->done(now); });
}

std::optional<net::TimePoint> LaneGroup::deadline(net::TimePoint now) const {
  std::optional<net::TimePoint> next;
  for (const auto& lane : lanes_) {
    if (lane->done(now)) continue;
    next = net::earlier(net::earlier(next, lane->deadline(now)), lane->look_at());
  }
  return next;
}

std::vector<std::string> LaneGroup::failures() const {
  std::vector<std::string> failures;
  for (const auto& lane : lanes_) {
    if (!lane->failure().empty()) failures.push_back(lane->failure());
  }
  return failures;
}

AddressSet LaneGroup::targets() const {
  AddressSet all;
  for (const auto& lane : lanes_) all.add(lane->targets());
  return all;
}

Sweep::Progress LaneGroup::progress(net::TimePoint now) const {
  Sweep::Progress sum;
  for (const auto& lane : lanes_) {
    const auto progress = lane->progress();
    if (!progress || lane->done(now)) continue;
    sum.round = std::max(sum.round, progress->round);
    sum.round_targets += progress->round_targets;
    sum.round_done += progress->round_done;
    sum.rate += progress->rate;
  }
  return sum;
}

}  // namespace scanner
