// SPDX-License-Identifier: MIT
#include "scanner/lane.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/check.h"
#include "scanner/evidence.h"

namespace scanner {
namespace {

constexpr auto kCheckDrops = std::chrono::milliseconds(100);
// Requests sent in one pass, so that hearing is not kept waiting.
constexpr std::size_t kBatchesPerPass = 4;

}  // namespace

Lane::Lane(InterfacePlan plan, std::unique_ptr<Link> link, HostTable& table)
    : plan_(std::move(plan)), link_(std::move(link)), table_(table) {
  for (const SourcedTargets& part : plan_.parts) {
    sources_.push_back({part.network, part.targets, ArpRequests(plan_.interface.mac, part.source)});
  }
  link_->set_handler([this](net::TimePoint now, net::ByteView frame) { receive(now, frame); });
}

void Lane::enter_own(net::TimePoint now) {
  for (const net::Ipv4Address own : plan_.own) {
    if (table_.find(plan_.interface.name, own) != nullptr) continue;
    Host& self = table_.add_self(plan_.interface.name, own, plan_.interface.mac);
    if (seen_) seen_(now, {HostTable::Change::kNew, &self});
  }
}

void Lane::start(net::TimePoint now, Profile profile, const SweepOverrides& overrides) {
  enter_own(now);
  const AddressSet targets = plan_.targets();
  if (!targets.empty()) sweep_.emplace(targets, make_settings(profile, targets.size(), overrides), now);
  drops_checked_ = now;
}

void Lane::listen(net::TimePoint now) {
  enter_own(now);
  listened_ = plan_.targets();
  listening_ = true;
}

net::ByteView Lane::request_for(net::Ipv4Address target) {
  const auto source = sources_.size() == 1 ? sources_.begin()
                                           : std::find_if(sources_.begin(), sources_.end(),
                                                          [&](const Source& s) { return s.targets.contains(target); });
  CHECK(source != sources_.end());
  return source->requests.for_target(target);
}

void Lane::pump(net::TimePoint now) {
  if (!sweep_ || !failure_.empty()) return;
  if (now - drops_checked_ >= kCheckDrops) {
    drops_checked_ = now;
    sweep_->dropped(now, link_->dropped());
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
std::size_t Lane::send(std::span<const net::Ipv4Address> targets, net::TimePoint now) {
  std::array<net::Bytes, Link::kMaxBatch> frames;
  std::array<net::ByteView, Link::kMaxBatch> views;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const net::ByteView frame = request_for(targets[i]);
    frames.at(i).assign(frame.begin(), frame.end());
    views.at(i) = frames.at(i);
  }
  const Link::Sent sent = link_->send(std::span(views).first(targets.size()));
  if (writer_ != nullptr) {
    for (std::size_t i = 0; i < sent.frames; ++i) writer_->write(views.at(i));
  }
  if (sent.error == 0) return sent.frames;
  if (sent.blocked()) {
    ++blocked_;
    sweep_->blocked(now);
  } else {
    failure_ = "sending on " + plan_.interface.name + " failed: " + std::strerror(sent.error);
  }
  return sent.frames;
}

void Lane::receive(net::TimePoint now, net::ByteView frame) {
  if (writer_ != nullptr) writer_->write(frame);
  const auto message = decode_arp(frame);
  if (!message.ok()) {
    ++rejected_.at(static_cast<std::size_t>(message.error()));
    return;
  }
  const auto evidence = judge(*message, plan_.interface.mac);
  if (!evidence) return;
  const auto kind = evidence->to_us ? Sweep::Evidence::kReply : Sweep::Evidence::kUnasked;
  Sweep::Answer answer;
  if (sweep_) answer = sweep_->answered(now, message->sender, kind);
  if (listening_) answer.target = listened_.contains(message->sender);
  const bool own = std::find(plan_.own.begin(), plan_.own.end(), message->sender) != plan_.own.end();
  if (!answer.target && !own) return;
  const HostTable::Seen seen = table_.see({.interface = plan_.interface.name,
                                           .address = message->sender,
                                           .mac = message->sender_mac,
                                           .source = evidence->source,
                                           .round_trip = answer.round_trip,
                                           .requests = answer.requests});
  if (seen_) seen_(now, seen);
}

bool Lane::done(net::TimePoint now) const {
  if (!failure_.empty()) return true;
  return !listening_ && (!sweep_ || sweep_->done(now));
}

std::optional<net::TimePoint> Lane::deadline(net::TimePoint now) const {
  if (done(now)) return now;
  return sweep_ ? sweep_->deadline(now) : std::nullopt;
}

std::optional<Sweep::Progress> Lane::progress() const {
  if (!sweep_) return std::nullopt;
  return sweep_->progress();
}

}  // namespace scanner
