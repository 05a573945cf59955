// SPDX-License-Identifier: MIT
#include "peer/introducer/registration.h"

#include <algorithm>
#include <utility>

namespace peer::introducer {

Registration::Registration(Config config, net::TimePoint now)
    : config_(std::move(config)), random_(config_.seed), next_(now) {}

net::Duration Registration::jittered(net::Duration duration) {
  std::uniform_real_distribution<double> factor(0.8, 1.2);
  return std::chrono::duration_cast<net::Duration>(duration * factor(random_));
}

std::optional<net::Endpoint> Registration::begin(net::TimePoint now) {
  if (talking_ || !next_ || now < *next_) return std::nullopt;
  talking_ = true;
  saying_leave_ = leaving_;
  next_.reset();
  give_up_at_ = now + kConversationTime;
  answer_ = AnswerParser();
  // Also when no answer comes, it may have been entered.
  registered_ = true;
  return introducer();
}

std::string Registration::request() const {
  if (saying_leave_) return format_request(Leave{config_.peer_id});
  // Unspecified: the address that the introducer sees.
  const bool v4 = introducer().address.v4() != nullptr;
  const net::IpAddress here = v4 ? net::IpAddress(net::Ipv4Address{}) : net::IpAddress(net::Ipv6Address{});
  return format_request(Join{{config_.peer_id, {here, config_.port}}, kWanted});
}

std::optional<Registration::Outcome> Registration::received(net::TimePoint now, std::string_view bytes) {
  auto answer = answer_.feed(bytes);
  if (!answer) return std::nullopt;
  if (!*answer) return failed(now, std::string(describe(answer->error())));
  Outcome outcome;
  for (const Peer& peer : (*answer)->peers) outcome.peers.push_back(peer.endpoint);
  // A full one tells whom it knows all the same.
  if (!(*answer)->ok()) {
    outcome.problem = "the introducer answers " + std::to_string((*answer)->code) + " " + (*answer)->message;
  }
  return end(now, std::move(outcome));
}

Registration::Outcome Registration::failed(net::TimePoint now, const std::string& reason) {
  return end(now, {{}, reason});
}

std::optional<Registration::Outcome> Registration::expire(net::TimePoint now) {
  if (!talking_ || now < *give_up_at_) return std::nullopt;
  return failed(now, "no answer within " +
                         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(kConversationTime).count()) +
                         " s");
}

Registration::Outcome Registration::end(net::TimePoint now, Outcome outcome) {
  talking_ = false;
  give_up_at_.reset();
  if (saying_leave_) return outcome;
  if (leaving_) {
    next_ = now;
  } else if (outcome.problem.empty()) {
    retry_ = kFirstRetry;
    next_ = now + jittered(kInterval);
  } else {
    address_ = (address_ + 1) % config_.introducer.size();
    next_ = now + jittered(retry_);
    retry_ = std::min(2 * retry_, kInterval);
  }
  return outcome;
}

void Registration::ask_again(net::TimePoint now) {
  if (!talking_ && !leaving_) next_ = now;
}

void Registration::leave(net::TimePoint now) {
  leaving_ = true;
  if (talking_) return;
  next_ = registered_ ? std::optional(now) : std::nullopt;
}

}  // namespace peer::introducer
