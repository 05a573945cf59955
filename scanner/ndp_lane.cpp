// SPDX-License-Identifier: MIT
#include "scanner/ndp_lane.h"

#include <algorithm>

namespace scanner {

NdpLane::NdpLane(net::Interface interface, std::unique_ptr<Link> link, std::vector<net::Ipv6Address> targets,
                 std::uint16_t identifier)
    : Lane(std::move(interface), std::move(link)), targets_(std::move(targets)), identifier_(identifier) {
  for (const net::InterfaceAddress& own : this->interface().addresses) {
    if (own.address.v6() != nullptr) sources_.emplace_back(this->interface().mac, *own.address.v6());
  }
}

void NdpLane::enter_all_own(net::TimePoint now) {
  for (const NdpRequests& source : sources_) {
    net::Ipv6Address own = source.source();
    if (!targets_.empty() && std::find(targets_.begin(), targets_.end(), own) == targets_.end()) continue;
    if (own.is_link_local()) own.zone = interface().name;
    enter_own(now, own);
  }
}

void NdpLane::start(net::TimePoint now, Profile profile, const SweepOverrides& overrides) {
  enter_all_own(now);
  sweep_.emplace(targets_, make_settings(profile, 1, overrides), now);
}

void NdpLane::listen(net::TimePoint now) {
  enter_all_own(now);
  listening_ = true;
}

// Our address that the target shares a network with: link-local for link-local ones, else the longest common prefix.
const NdpRequests* NdpLane::source_for(const net::Ipv6Address& target) const {
  const NdpRequests* best = nullptr;
  std::size_t longest = 0;
  for (const NdpRequests& source : sources_) {
    if (source.source().is_link_local() != target.is_link_local()) continue;
    const auto& octets = source.source().octets;
    const auto common = std::mismatch(octets.begin(), octets.end(), target.octets.begin()).first - octets.begin();
    if (best == nullptr || static_cast<std::size_t>(common) > longest) {
      best = &source;
      longest = static_cast<std::size_t>(common);
    }
  }
  if (best == nullptr && !sources_.empty()) best = &sources_.front();
  return best;
}

std::vector<net::Bytes> NdpLane::requests(unsigned round) const {
  std::vector<net::Bytes> frames;
  if (!sweep_->for_everybody()) {
    for (const net::Ipv6Address& target : sweep_->silent()) {
      if (const NdpRequests* source = source_for(target)) frames.push_back(source->solicitation(target));
    }
    return frames;
  }
  for (const NdpRequests& source : sources_) {
    frames.push_back(source.echo_to_all(identifier_, static_cast<std::uint16_t>(round)));
    // Once: switches take whoever asks this for the link's multicast router.
    if (round == 1 && source.source().is_link_local()) frames.push_back(source.listener_query());
  }
  return frames;
}

void NdpLane::pump(net::TimePoint now) {
  if (!sweep_ || !failure().empty()) return;
  const auto round = sweep_->due(now);
  if (!round) return;
  const std::vector<net::Bytes> frames = requests(*round);
  const std::vector<net::ByteView> views(frames.begin(), frames.end());
  for (std::size_t i = 0; i < views.size(); i += Link::kMaxBatch) {
    const auto batch = std::span(views).subspan(i, std::min(Link::kMaxBatch, views.size() - i));
    sent_ += transmit(batch).frames;
  }
}

void NdpLane::receive(net::TimePoint now, net::ByteView frame) {
  const auto evidence = decode_ndp(frame, identifier_);
  if (!evidence.ok()) {
    ++rejected_.at(static_cast<std::size_t>(evidence.error()));
    return;
  }
  if (evidence->mac == interface().mac) return;
  net::Ipv6Address address = evidence->address;
  std::optional<net::Duration> round_trip;
  if (sweep_) {
    if (!sweep_->answered(address)) return;
    if (evidence->source == Source::kEcho) round_trip = sweep_->since_round(now, evidence->sequence);
  } else if (!listening_) {
    return;
  }
  if (address.is_link_local()) address.zone = interface().name;
  ++found_;
  report(now, {.interface = interface().name,
               .address = address,
               .mac = evidence->mac,
               .source = evidence->source,
               .round_trip = round_trip,
               .requests = sweep_ ? sweep_->rounds_sent() : 0});
}

bool NdpLane::done(net::TimePoint now) const {
  if (!failure().empty()) return true;
  return !listening_ && (!sweep_ || sweep_->done(now));
}

std::optional<net::TimePoint> NdpLane::deadline(net::TimePoint now) const {
  if (done(now)) return now;
  if (!sweep_) return std::nullopt;
  return sweep_->deadline();
}

std::optional<Sweep::Progress> NdpLane::progress() const {
  if (!sweep_) return std::nullopt;
  Sweep::Progress progress;
  progress.targets = targets_.size();
  progress.answered = found_;
  progress.requests = sent_;
  progress.round = sweep_->rounds_sent();
  return progress;
}

std::vector<std::pair<std::string_view, std::uint64_t>> NdpLane::rejected() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> counts;
  for (std::size_t i = 0; i < rejected_.size(); ++i) {
    if (rejected_.at(i) > 0) counts.emplace_back(describe(static_cast<NdpError>(i)), rejected_.at(i));
  }
  return counts;
}

}  // namespace scanner
