// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/lane.h"
#include "scanner/ndp_codec.h"
#include "scanner/ndp_sweep.h"

namespace scanner {

/// What NDP lanes let through.
inline constexpr const char* kNdpFilter = "ip6 or (vlan and ip6)";

/// Listener reports of hosts in many groups are long.
inline constexpr int kNdpSnapLength = 1536;

/// Finds the IPv6 hosts of an interface's link: by echo requests to all nodes from each of our addresses and a query
/// for multicast listeners, or single targets by neighbour solicitations.
class NdpLane : public Lane {
 public:
  /// `targets` empty: everybody. `identifier` is of our echo requests.
  NdpLane(net::Interface interface, std::unique_ptr<Link> link, std::vector<net::Ipv6Address> targets,
          std::uint16_t identifier);

  void start(net::TimePoint now, Profile profile, const SweepOverrides& overrides) override;
  void listen(net::TimePoint now) override;
  void pump(net::TimePoint now) override;
  bool done(net::TimePoint now) const override;
  std::optional<net::TimePoint> deadline(net::TimePoint now) const override;
  std::optional<Sweep::Progress> progress() const override;
  std::vector<std::pair<std::string_view, std::uint64_t>> rejected() const override;

 private:
  void receive(net::TimePoint now, net::ByteView frame) override;
  void enter_all_own(net::TimePoint now);
  std::vector<net::Bytes> requests(unsigned round) const;
  const NdpRequests* source_for(const net::Ipv6Address& target) const;

  std::vector<net::Ipv6Address> targets_;
  std::vector<NdpRequests> sources_;
  std::uint16_t identifier_;
  std::optional<NdpSweep> sweep_;
  bool listening_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t found_ = 0;
  std::array<std::uint64_t, kNdpErrorCount> rejected_{};
};

}  // namespace scanner
