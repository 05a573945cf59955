// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "peer/control/session.h"
#include "peer/driver.h"
#include "peer/operations/events.h"

namespace peer {

/// Turns the requests of the control socket into operations on a running peer.
class Service final : public control::Handler {
 public:
  /// `driver` must outlive it.
  Service(Driver& driver, const DriverOptions& options, net::TimePoint now)
      : driver_(driver), name_(options.name), limit_(options.limit), accept_push_(options.accept_push), started_(now) {}

  /// STOP was asked for.
  bool stopping() const { return stopping_; }

  net::Result<std::unique_ptr<operations::Operation>, control::Refusal> start(net::TimePoint now,
                                                                              const control::Command& command) override;

 private:
  net::Result<std::unique_ptr<operations::Operation>, control::Refusal> watch(const control::Command& command);
  net::Result<std::unique_ptr<operations::Operation>, control::Refusal> upload(net::TimePoint now,
                                                                               const control::Command& command);
  operations::PeerStatus status(net::TimePoint now) const;

  Driver& driver_;
  std::string name_;
  std::optional<std::uint64_t> limit_;
  std::optional<std::uint64_t> accept_push_;
  net::TimePoint started_;
  bool stopping_ = false;
};

}  // namespace peer
