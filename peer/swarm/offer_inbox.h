// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/digest.h"
#include "net/time.h"
#include "peer/files/catalog.h"
#include "peer/ids.h"
#include "peer/wire/messages.h"

namespace peer::swarm {

/// What others push to this peer: which of their OFFERs are accepted, in which order what is in them is fetched, and
/// what their senders are told (OFFER_STATUS). Pure. Its owner fetches what begin() gives and reports how that goes.
///
/// The same path and content in several offers is fetched once. Memory is bounded by the number of offers, each of
/// which came in one message. What is fetched at a time is counted by the address that offered it, so that one that
/// trickles holds up nobody but itself. (threats T19, T31)
class OfferInbox {
 public:
  static constexpr std::size_t kMaxOffersPerConnection = 4;
  static constexpr std::size_t kMaxOffersPerAddress = 8;
  static constexpr std::size_t kMaxOffers = 32;
  /// Fetched at a time for all addresses. Each may have as many under way as are still free, so one alone has half of
  /// them, and there is always room for one more. Beyond the first two of an address, which it always may have, only
  /// while those under way for it have less than kMaxRunningBytes to come.
  static constexpr std::size_t kMaxRunning = 64;
  /// The same while the next one is small: many are needed to fill the round trips.
  static constexpr std::size_t kMaxRunningSmall = 768;
  static constexpr std::uint64_t kSmallFile = 64u << 10;
  static constexpr std::uint64_t kMaxRunningBytes = std::uint64_t{64} << 20;
  /// What the smallest file or folder counts: a place on the disk and a name are not free.
  static constexpr std::uint64_t kLeastCost = 4096;
  static constexpr net::Duration kStatusInterval = std::chrono::milliseconds(500);
  static constexpr net::Duration kHeartbeat = std::chrono::seconds(10);

  /// A content, or a folder, that is to be under a path.
  struct Key {
    files::ContentId id;
    std::string path;
    files::CatalogEntry::Kind kind = files::CatalogEntry::Kind::kFile;
    auto operator<=>(const Key&) const = default;
  };
  static Key key_of(const files::CatalogEntry& entry) { return {entry.id, entry.path, entry.kind}; }

  /// `quota`: bytes accepted in all.
  explicit OfferInbox(std::uint64_t quota) : quota_(quota) {}

  /// An offer came on a connection from an address. kNone: it is accepted. `here`: what this peer has; a path and
  /// content in it need not be fetched, and a folder in it is not charged. `free_space` of the disk in bytes.
  wire::ErrorCode offered(net::TimePoint now, ConnectionId from, const net::IpAddress& address,
                          const wire::Offer& offer, const files::Catalog& here, std::uint64_t free_space);
  /// Its sender does not want it any more. Means nothing for an offer that is not there.
  void withdrawn(ConnectionId from, std::uint32_t request);
  /// What has begun goes on, others may have it; the rest of the connection's offers is forgotten.
  void connection_lost(ConnectionId from);
  /// True while an offer with the content is open: whoever offered it can be asked for it.
  bool offers(ConnectionId from, const files::ContentId& id) const;

  /// The next thing to fetch or make, which counts as being fetched from now on; nothing when enough is under way.
  std::optional<files::CatalogEntry> begin();
  /// What is being fetched and was withdrawn by everybody: to be stopped. Its end is to be reported all the same.
  std::vector<Key> take_unwanted();
  /// Bytes of it that are there, and those of them that came over the network; why it waits, where it does: the disk is
  /// full.
  void progressed(const Key& key, std::uint64_t bytes, std::uint64_t moved, const std::string& waits = {});
  struct Outcome {
    bool there = false;  ///< It stood there before.
    std::uint64_t moved = 0;
    wire::ErrorCode code = wire::ErrorCode::kNone;  ///< Why it failed; kNone: it did not.
    std::string text = {};                          ///< The same for people.
  };
  /// REQUIRES: begin() gave it, and it has not ended since.
  void ended(const Key& key, const Outcome& outcome);

  /// What is to be told now, and to whom.
  std::vector<std::pair<ConnectionId, wire::OfferStatus>> take_statuses(net::TimePoint now);
  /// When to report progress and take statuses again.
  std::optional<net::TimePoint> deadline() const;

 private:
  using OfferKey = std::pair<ConnectionId, std::uint32_t>;
  struct Item {
    Key key;
    files::CatalogEntry entry;
    std::uint64_t turn = 0;
    bool running = false;
    bool ended = false;
    std::uint64_t charged = 0;   ///< Of the quota.
    net::IpAddress begun_for{};  ///< Once running.
    std::vector<OfferKey> holders;
    std::uint64_t bytes = 0, moved = 0;
    std::string waits;
  };
  using ItemPtr = std::shared_ptr<Item>;
  struct Open {
    net::IpAddress address;
    std::vector<ItemPtr> items;
    std::size_t left = 0;    ///< Of them, not ended.
    wire::OfferStatus done;  ///< What has ended.
    wire::OfferStatus told;
    net::TimePoint told_at;
  };

  /// What runs for one address.
  struct Share {
    std::size_t items = 0;
    std::uint64_t to_come = 0;
  };
  using Waiting = std::map<std::uint64_t, ItemPtr>;  ///< By turn.

  std::optional<wire::ErrorCode> refusal(const OfferKey& key, const net::IpAddress& address,
                                         const wire::Offer& offer) const;
  wire::ErrorCode charge(const wire::Offer& offer, const files::Catalog& here, std::uint64_t free_space,
                         std::set<net::Sha256>& fresh);
  void hold(const ItemPtr& item, const OfferKey& key);
  void unhold(const Item& item, const OfferKey& key);
  void release(const OfferKey& key, Open& open, bool stop_running);
  void put_in_queues(const ItemPtr& item);
  void take_out_of_queues(const ItemPtr& item);
  bool may_begin(const Item& item, const Share& share) const;
  wire::OfferStatus status_of(const OfferKey& key, const Open& open) const;

  std::uint64_t quota_;
  std::uint64_t used_ = 0;
  std::set<net::Sha256> counted_;  ///< What the quota was charged for: offered again it is not charged again.

  std::map<OfferKey, Open> offers_;
  std::map<Key, ItemPtr> items_;  ///< Those that have not ended.
  /// How many of a connection's offered items have the content and have not ended.
  std::map<std::pair<ConnectionId, files::ContentId>, std::size_t> held_;
  std::map<net::IpAddress, Waiting> waiting_;  ///< By who offers it; what several do is with each. None is empty.
  std::uint64_t last_turn_ = 0;
  std::uint64_t waiting_bytes_ = 0;
  std::set<ItemPtr> running_;
  std::vector<Key> unwanted_;
  net::TimePoint looked_at_{};
};

}  // namespace peer::swarm
