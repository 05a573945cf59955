// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/time.h"
#include "scanner/arp_codec.h"
#include "scanner/capture.h"
#include "scanner/hosts.h"
#include "scanner/link.h"
#include "scanner/plan.h"
#include "scanner/sweep.h"

namespace scanner {

/// Called with every valid piece of evidence; Seen tells whether it says anything new.
using SeenHandler = std::function<void(net::TimePoint, HostTable::Seen)>;

/// One interface being swept: carries a Sweep's requests to a Link, and what the Link hears to the Sweep and the
/// HostTable. The table, the writer and the handlers outlive it.
class Lane {
 public:
  Lane(InterfacePlan plan, std::unique_ptr<Link> link, HostTable& table);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void on_seen(SeenHandler handler) { seen_ = std::move(handler); }
  /// Optional: everything that is sent and received is written here.
  void record_to(CaptureWriter* writer) { writer_ = writer; }
  Link& link() { return *link_; }
  const InterfacePlan& plan() const { return plan_; }

  /// Enters our own addresses and begins to ask. Without targets there is nothing to ask and it is done at once.
  void start(net::TimePoint now, Profile profile, const SweepOverrides& overrides);
  /// Enters our own addresses and takes what the network says unasked, about hosts of our networks only. Never done.
  void listen(net::TimePoint now);
  /// Sends what is due.
  void pump(net::TimePoint now);
  bool done(net::TimePoint now) const;
  std::optional<net::TimePoint> deadline(net::TimePoint now) const;

  /// Why the lane had to stop early; empty when it did not.
  const std::string& failure() const { return failure_; }
  std::optional<Sweep::Progress> progress() const;
  /// Times that the kernel had no room for a frame.
  std::uint64_t blocked() const { return blocked_; }
  /// Frames that were no evidence, by reason.
  const std::array<std::uint64_t, kArpErrorCount>& rejected() const { return rejected_; }

 private:
  struct Source {
    net::Ipv4Network network;
    AddressSet targets;
    ArpRequests requests;
  };

  void enter_own(net::TimePoint now);
  void receive(net::TimePoint now, net::ByteView frame);
  std::size_t send(std::span<const net::Ipv4Address> targets, net::TimePoint now);
  net::ByteView request_for(net::Ipv4Address target);

  InterfacePlan plan_;
  std::unique_ptr<Link> link_;
  HostTable& table_;
  SeenHandler seen_;
  CaptureWriter* writer_ = nullptr;
  std::vector<Source> sources_;
  std::optional<Sweep> sweep_;
  AddressSet listened_;  ///< Whom listen() is about.
  bool listening_ = false;
  net::TimePoint drops_checked_;
  std::uint64_t blocked_ = 0;
  std::array<std::uint64_t, kArpErrorCount> rejected_{};
  std::string failure_;
};

}  // namespace scanner
