// SPDX-License-Identifier: MIT
#include "peer/shell/standing_peer.h"

#include <iterator>
#include <utility>

#include "net/check.h"
#include "peer/commands.h"
#include "peer/control/client.h"
#include "peer/driver.h"
#include "peer/ending_signals.h"
#include "peer/operations/events.h"
#include "peer/operations/exit_status.h"
#include "peer/operations/feed.h"
#include "peer/service.h"

namespace peer::shell {
namespace {

/// One that has failed before it began.
class Refused final : public operations::Operation {
 public:
  Refused(const std::string& why, int exit_status) {
    emit(operations::to_json_line(operations::Error{why}));
    finish(exit_status);
  }
  void step(net::TimePoint) override {}
  void cancel(net::TimePoint) override {}
};

}  // namespace

struct StandingPeer::Remote {
  Remote() { catch_ending_signals(loop); }
  net::SelectLoop loop;
};

struct StandingPeer::Own {
  Own(const std::string& home, const DriverOptions& options, const net::Log& log)
      : driver(home, options, log), service(driver, options, net::Clock::now()) {
    catch_ending_signals(driver.loop());
  }
  Driver driver;
  Service service;
};

StandingPeer::StandingPeer(const Options& options, const NetworkOptions& network, const net::Log& log)
    : options_(options), network_(network), log_(log) {}

StandingPeer::~StandingPeer() = default;

std::string StandingPeer::choose() {
  const bool serving = !network_.chosen() && running_peer(options_.home);
  if (serving ? remote_ != nullptr && watch_ && !watch_->done() : own_ != nullptr) return "";
  const bool first = !remote_ && !own_;
  if (serving)
    become_remote();
  else
    become_own();
  watch();
  if (first) return "";
  return serving ? "a peer serves from here now: commands go to it"
                 : "no peer serves from here any more: this is one now";
}

void StandingPeer::become_remote() {
  leave();
  watch_.reset();
  // A loop gives signals back when it goes: the old one first.
  own_.reset();
  remote_.reset();
  remote_ = std::make_unique<Remote>();
}

void StandingPeer::become_own() {
  watch_.reset();
  remote_.reset();
  try {
    own_ = std::make_unique<Own>(options_.home, short_lived_peer(network_, look_up(network_.from)), log_);
  } catch (...) {
    // The shell goes on, and needs a loop to wait in; the next command tries again.
    remote_ = std::make_unique<Remote>();
    throw;
  }
}

void StandingPeer::watch() { watch_ = begin({"WATCH", {}, {}}); }

std::unique_ptr<operations::Operation> StandingPeer::begin(const control::Command& command) {
  CHECK(remote_ || own_);
  if (own_) {
    auto operation = own_->service.start(net::Clock::now(), command);
    if (operation) return std::move(*operation);
    return std::make_unique<Refused>(operation.error().reason, operations::kExitUsage);
  }
  auto socket = running_peer(options_.home);
  if (!socket) return std::make_unique<Refused>("the peer that served from here is gone", operations::kExitFailed);
  return std::make_unique<control::RemoteOperation>(std::move(*socket), control::to_request(command), remote_->loop);
}

net::SelectLoop& StandingPeer::loop() { return own_ ? own_->driver.loop() : remote_->loop; }

net::TimePoint StandingPeer::pass(std::optional<net::TimePoint> deadline) {
  const bool watching = watch_ && !watch_->done();
  if (watching) deadline = net::earlier(deadline, watch_->deadline());
  const net::TimePoint now = own_ ? own_->driver.pass(deadline) : remote_->loop.wait(deadline);
  if (!watching) return now;
  if (!watch_->done()) watch_->step(now);
  auto lines = watch_->take_lines();
  std::move(lines.begin(), lines.end(), std::back_inserter(changes_));
  // Nobody reads them while a command runs, however long that takes.
  if (changes_.size() > operations::Feed::kMaxLines) {
    changes_.erase(changes_.begin(), changes_.end() - static_cast<std::ptrdiff_t>(operations::Feed::kMaxLines));
  }
  return now;
}

std::vector<std::string> StandingPeer::take_changes() { return std::exchange(changes_, {}); }

void StandingPeer::leave() {
  if (own_) own_->driver.leave();
}

}  // namespace peer::shell
