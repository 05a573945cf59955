// SPDX-License-Identifier: MIT
#include "peer/announcing.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <variant>

#include "net/iface.h"

namespace peer {
namespace {

/// Changes come in flocks (link, then addresses); they are looked at together.
constexpr net::Duration kSettleTime = std::chrono::milliseconds(200);

}  // namespace

Announcing::Announcing(net::SelectLoop& loop, Node& node, const Library& library, members::Announcer::Config config,
                       const std::vector<net::Endpoint>& listening, const net::Log& log, net::TimePoint now,
                       std::function<void(net::TimePoint)> changed)
    : loop_(loop),
      node_(node),
      log_(log),
      listening_(listening),
      changed_(std::move(changed)),
      announcer_(std::move(config), library, now),
      sockets_(loop, listening, log,
               [this](net::TimePoint at, const net::Endpoint& from, bool to_all, net::ByteView datagram) {
                 announcer_.received(at, from, to_all, datagram);
                 carry_out_all(at);
               }),
      watch_([this](net::TimePoint at) {
        if (!look_at_) look_at_ = at + kSettleTime;
      }) {
  if (watch_.available()) loop_.add(watch_);
  sockets_.use(members::announce_targets(net::list_interfaces(), listening_));
}

Announcing::~Announcing() {
  if (watch_.available()) loop_.remove(watch_);
}

std::optional<net::TimePoint> Announcing::deadline() const { return net::earlier(announcer_.deadline(), look_at_); }

void Announcing::expire(net::TimePoint now) {
  if (look_at_ && *look_at_ <= now) look_at_interfaces(now);
  announcer_.expire(now);
  carry_out_all(now);
}

void Announcing::look_at_interfaces(net::TimePoint now) {
  look_at_.reset();
  try {
    auto targets = members::announce_targets(net::list_interfaces(), listening_);
    const auto& before = sockets_.targets();
    const bool more = !std::includes(before.begin(), before.end(), targets.begin(), targets.end());
    sockets_.use(std::move(targets));
    if (more) announcer_.interfaces_changed(now);
    changed_(now);
  } catch (const std::system_error& error) {
    log_.warning(std::string("changed interfaces are not followed: ") + error.what());
  }
}

void Announcing::say_farewell() {
  if (auto datagram = announcer_.farewell()) sockets_.send_to_all(net::as_bytes(*datagram));
}

void Announcing::carry_out_all(net::TimePoint now) {
  for (const members::Announcer::Action& action : announcer_.take_actions()) {
    std::visit([&](const auto& what) { carry_out(now, what); }, action);
  }
}

void Announcing::carry_out(net::TimePoint, const members::Announcer::Send& action) {
  if (action.to) return sockets_.send(net::as_bytes(action.datagram), *action.to);
  sockets_.send_to_all(net::as_bytes(action.datagram));
}

void Announcing::carry_out(net::TimePoint now, const members::Announcer::Hint& action) {
  node_.hint(now, action.endpoint, members::HintSource::kAnnouncement, action.endpoint.address);
}

void Announcing::carry_out(net::TimePoint now, const members::Announcer::Probe& action) {
  node_.probe(now, action.node);
}

}  // namespace peer
