// SPDX-License-Identifier: MIT
#include "scanner/arp_lane.h"

#include <algorithm>
#include <utility>

#include "net/check.h"
#include "scanner/evidence.h"

namespace scanner {
namespace {

constexpr auto kCheckDrops = std::chrono::milliseconds(100);
// Requests sent in one pass, so that hearing is not kept waiting.
constexpr std::size_t kBatchesPerPass = 4;

}  // namespace

ArpLane::ArpLane(InterfacePlan plan, std::unique_ptr<Link> link)
    : Lane(plan.interface, std::move(link)), plan_(std::move(plan)) {
  for (const SourcedTargets& part : plan_.parts) {
    sources_.push_back({part.targets, ArpRequests(interface().mac, part.source)});
  }
}

void ArpLane::start(net::TimePoint now, Profile profile, const SweepOverrides& overrides) {
  for (const net::Ipv4Address own : plan_.own) enter_own(now, own);
  const AddressSet targets = plan_.targets();
  if (!targets.empty()) sweep_.emplace(targets, make_settings(profile, targets.size(), overrides), now);
  drops_checked_ = now;
}

void ArpLane::listen(net::TimePoint now) {
  for (const net::Ipv4Address own : plan_.own) enter_own(now, own);
  listened_ = plan_.targets();
  listening_ = true;
}

net::ByteView ArpLane::request_for(net::Ipv4Address target) {
  const auto source = sources_.size() == 1 ? sources_.begin()
                                           : std::find_if(sources_.begin(), sources_.end(),
                                                          [&](const Source& s) { return s.targets.contains(target); });
  CHECK(source != sources_.end());
  return source->requests.for_target(target);
}

void ArpLane::pump(net::TimePoint now) {
  if (!sweep_ || !failure().empty()) return;
  if (now - drops_checked_ >= kCheckDrops) {
    drops_checked_ = now;
    sweep_->dropped(now, link().dropped());
  }
  std::array<net::Ipv4Address, Link::kMaxBatch> batch;
  for (std::size_t pass = 0; pass < kBatchesPerPass; ++pass) {
    const std::size_t count = sweep_->due(now, batch);
    if (count == 0) return;
    const std::size_t sent = send(std::span(batch).first(count), now);
    sweep_->sent(now, sent);
    if (sent < count) return;
  }
}

// Returns how many went.
std::size_t ArpLane::send(std::span<const net::Ipv4Address> targets, net::TimePoint now) {
  std::array<net::Bytes, Link::kMaxBatch> frames;
  std::array<net::ByteView, Link::kMaxBatch> views;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const net::ByteView frame = request_for(targets[i]);
    frames.at(i).assign(frame.begin(), frame.end());
    views.at(i) = frames.at(i);
  }
  const Transmitted sent = transmit(std::span(views).first(targets.size()));
  if (sent.blocked) sweep_->blocked(now);
  return sent.frames;
}

void ArpLane::receive(net::TimePoint now, net::ByteView frame) {
  const auto message = decode_arp(frame);
  if (!message.ok()) {
    ++rejected_.at(static_cast<std::size_t>(message.error()));
    return;
  }
  const auto evidence = judge(*message, interface().mac);
  if (!evidence) return;
  const auto kind = evidence->to_us ? Sweep::Evidence::kReply : Sweep::Evidence::kUnasked;
  Sweep::Answer answer;
  if (sweep_) answer = sweep_->answered(now, message->sender, kind);
  if (listening_) answer.target = listened_.contains(message->sender);
  const bool own = std::find(plan_.own.begin(), plan_.own.end(), message->sender) != plan_.own.end();
  if (!answer.target && !own) return;
  report(now, {.interface = interface().name,
               .address = message->sender,
               .mac = message->sender_mac,
               .source = evidence->source,
               .round_trip = answer.round_trip,
               .requests = answer.requests});
}

bool ArpLane::done(net::TimePoint now) const {
  if (!failure().empty()) return true;
  return !listening_ && (!sweep_ || sweep_->done(now));
}

std::optional<net::TimePoint> ArpLane::deadline(net::TimePoint now) const {
  if (done(now)) return now;
  return sweep_ ? sweep_->deadline(now) : std::nullopt;
}

std::optional<Sweep::Progress> ArpLane::progress() const {
  if (!sweep_) return std::nullopt;
  return sweep_->progress();
}

std::vector<std::pair<std::string_view, std::uint64_t>> ArpLane::rejected() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> counts;
  for (std::size_t i = 0; i < rejected_.size(); ++i) {
    if (rejected_.at(i) > 0) counts.emplace_back(describe(static_cast<ArpError>(i)), rejected_.at(i));
  }
  return counts;
}

}  // namespace scanner
