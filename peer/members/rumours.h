// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "peer/ids.h"
#include "peer/wire/messages.h"

namespace peer::members {

/// What goes round in a network of others that one need not be connected with: at which endpoints somebody was
/// connected with a peer, and when (p2p-protocol(7), PEERS_SEEN). Each endpoint is told to each neighbour when it is
/// news and not before it is news again, so the traffic is bounded by the size of the network, and what nobody has seen
/// for long is forgotten by all. Ages are rounded up at each teller: what goes in a circle grows old all the same.
///
/// Nothing of it is known to be true. Of others' words a bounded number is kept, and of one address's a part of that
/// (threats T34, T35); what is there is not given up for what comes. The owner has applied the address policy. Pure;
/// times are given.
class Rumours {
 public:
  struct Limits {
    std::size_t entries = 4096;  ///< Without those that we are connected with.
    /// That one address told first, or told again when they were news again.
    std::size_t entries_per_teller = 512;
    std::size_t entries_per_message = wire::kMaxSeenPeers;
    net::Duration pause = std::chrono::seconds(1);  ///< From the first news to the messages that tell them.
    /// Who is known is news again when it was seen so much later than what was told of it.
    net::Duration fresher_by = std::chrono::seconds(150);
    /// Who is connected is news this long after it was news last. Well above fresher_by: news of one neighbour are to
    /// be news to all.
    net::Duration renew_after = std::chrono::minutes(5);
    net::Duration forget_after = std::chrono::minutes(15);
  };

  /// `seed` is for whom take_untried() gives.
  Rumours(Limits limits, std::uint64_t seed) : limits_(limits), random_(seed) {}
  Rumours(Rumours&&) = default;
  Rumours& operator=(Rumours&&) = default;

  /// Somebody to hear from and to tell. `listening`: where it is itself.
  void add_neighbour(net::TimePoint now, ConnectionId id, const net::IpAddress& address,
                     const std::optional<net::Endpoint>& listening);
  void remove_neighbour(ConnectionId id);

  /// We are connected with the peer there, or no longer.
  void met(net::TimePoint now, const net::Endpoint& endpoint);
  void parted(net::TimePoint now, const net::Endpoint& endpoint);

  /// A neighbour says who it is connected with, all of them: it need not be told of those. Means nothing of others.
  void listed(net::TimePoint now, ConnectionId neighbour, std::span<const net::Endpoint> endpoints);
  /// A neighbour says that somebody was connected there so long ago. Means nothing of others.
  void heard(net::TimePoint now, ConnectionId neighbour, const net::Endpoint& endpoint, net::Duration age);

  struct Message {
    ConnectionId to;
    wire::PeersSeen seen;  ///< Not empty.
  };
  /// What is to be sent now. To be called at deadline().
  std::vector<Message> take_due(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;

  struct Untried {
    net::Endpoint endpoint;
    net::IpAddress teller;
  };
  /// One that we have only heard of, drawn by chance; each is given once for each time that it was news.
  std::optional<Untried> take_untried();
  std::size_t untried() const { return untried_; }
  /// All that we have only heard of, whether they were tried or not.
  std::vector<Untried> others() const;

  /// True for an endpoint that we are connected with or have heard of, and have not forgotten.
  bool knows(const net::Endpoint& endpoint) const { return entries_.contains(endpoint); }
  std::size_t size() const { return entries_.size(); }
  /// How many are kept in mind because they told of the endpoint since it was news last; no more than were ever
  /// neighbours at a time, however many came and went.
  std::size_t aware_of(const net::Endpoint& endpoint) const;

 private:
  using Tellers = std::map<net::IpAddress, std::size_t>;
  struct Entry {
    net::TimePoint seen{};  ///< Where not connected.
    net::TimePoint told{};  ///< `seen` when it was news last.
    std::uint64_t news = 0;
    bool connected = false;
    bool untried = false;
    Tellers::iterator teller{};         ///< Where not connected: whose bound it counts for.
    std::vector<ConnectionId> aware{};  ///< Neighbours that need not be told these news.
  };
  using Entries = std::map<net::Endpoint, Entry>;
  struct Neighbour {
    net::IpAddress address;
    std::optional<net::Endpoint> listening;
    std::uint64_t told = 0;  ///< The last of the news that it was told of, or need not be.
    std::set<net::Endpoint> connected_with{};
  };

  void hear(net::TimePoint now, ConnectionId id, const Neighbour& teller, const net::Endpoint& endpoint,
            net::TimePoint seen);
  void make_news(net::TimePoint now, Entries::iterator entry);
  bool charge(Entry& entry, const net::IpAddress& teller);
  void discharge(Entry& entry);
  void set_untried(Entry& entry, bool untried);
  void erase(Entries::iterator entry);
  void forget_old(net::TimePoint now);
  void look_for_old_ones(net::TimePoint now);
  void tell_soon(net::TimePoint now);
  wire::PeersSeen news_for(net::TimePoint now, ConnectionId id, Neighbour& neighbour);

  Limits limits_;
  std::mt19937_64 random_;
  Entries entries_;
  std::map<std::uint64_t, Entries::iterator> news_;           ///< By number, the last news last.
  std::set<std::pair<net::TimePoint, net::Endpoint>> again_;  ///< When those that we are connected with are news again.
  std::map<ConnectionId, Neighbour> neighbours_;
  Tellers tellers_;  ///< How many entries count for each.
  std::size_t second_hand_ = 0;
  std::size_t untried_ = 0;
  std::uint64_t last_news_ = 0;
  std::optional<net::TimePoint> tell_at_;
  std::optional<net::TimePoint> forget_at_;
};

}  // namespace peer::members
