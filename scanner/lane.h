// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/iface.h"
#include "net/time.h"
#include "scanner/address_set.h"
#include "scanner/capture.h"
#include "scanner/hosts.h"
#include "scanner/link.h"
#include "scanner/settings.h"
#include "scanner/sweep.h"

namespace scanner {

/// Called with every valid piece of evidence; Seen tells whether it says anything new.
using SeenHandler = std::function<void(net::TimePoint, HostTable::Seen)>;

/// One interface being searched for hosts: carries requests to a Link, and what the Link hears to a HostTable.
class Lane {
 public:
  Lane(net::Interface interface, std::unique_ptr<Link> link);
  virtual ~Lane() = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Where to report to; `table` and `writer` (which may be null, and otherwise gets all that is sent and received)
  /// outlive the lane. To be called first.
  void attach(HostTable& table, CaptureWriter* writer);
  void on_seen(SeenHandler handler) { seen_ = std::move(handler); }
  Link& link() { return *link_; }
  const net::Interface& interface() const { return interface_; }
  /// Why the lane had to stop early; empty when it did not.
  std::string failure() const;
  /// Looks once in a while, beginning with the second time it is called, whether the interface is still there.
  void look(net::TimePoint now);
  /// When to look next.
  net::TimePoint look_at() const { return look_at_; }
  /// Times that the kernel had no room for a frame.
  std::uint64_t blocked() const { return blocked_; }

  /// Enters our own addresses and begins to ask. Without targets there is nothing to ask and it is done at once.
  virtual void start(net::TimePoint now, Profile profile, const SweepOverrides& overrides) = 0;
  /// Enters our own addresses and takes what the network says unasked. Never done.
  virtual void listen(net::TimePoint now) = 0;
  /// Sends what is due.
  virtual void pump(net::TimePoint now) = 0;
  virtual bool done(net::TimePoint now) const = 0;
  virtual std::optional<net::TimePoint> deadline(net::TimePoint now) const = 0;
  /// IPv4 addresses that are asked, every one of them.
  virtual AddressSet targets() const { return {}; }
  /// Nothing before start().
  virtual std::optional<Sweep::Progress> progress() const = 0;
  /// Frames that were no evidence, by reason.
  virtual std::vector<std::pair<std::string_view, std::uint64_t>> rejected() const = 0;

 protected:
  virtual void receive(net::TimePoint now, net::ByteView frame) = 0;
  HostTable& table() { return *table_; }
  void enter_own(net::TimePoint now, const net::IpAddress& address);
  void report(net::TimePoint now, const Sighting& sighting);
  struct Transmitted {
    std::size_t frames = 0;
    bool blocked = false;  ///< No room for more at the moment. Any other trouble is a failure of the lane.
  };
  Transmitted transmit(std::span<const net::ByteView> frames);

 private:
  net::Interface interface_;
  std::unique_ptr<Link> link_;
  HostTable* table_ = nullptr;
  SeenHandler seen_;
  CaptureWriter* writer_ = nullptr;
  std::uint64_t blocked_ = 0;
  std::string failure_;
  net::TimePoint look_at_{};
};

}  // namespace scanner
