// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/rate.h"
#include "net/time.h"
#include "peer/actions.h"
#include "peer/buffer_pool.h"
#include "peer/connection.h"
#include "peer/ids.h"
#include "peer/ledger.h"
#include "peer/legacy/shared_contents.h"
#include "peer/library.h"
#include "peer/members/eviction.h"
#include "peer/members/peer_table.h"
#include "peer/members/rumours.h"
#include "peer/members/visits.h"
#include "peer/rate_limit.h"
#include "peer/swarm/offer_inbox.h"
#include "peer/swarm/sent_chunks.h"
#include "peer/swarm/transfer.h"
#include "peer/swarm/uploads.h"

namespace peer {

/// A whole peer without its I/O: who is known, which connections there are, what each peer offers, what is sent and
/// fetched. The driver (peer/driver.h, or the simulated network in the tests) carries out the actions and reports what
/// came of them. One thread. No call blocks; none calls back into the driver.
///
/// Reading from a connection:  span = space(c); n = recv(fd, span); received(now, c, n). An empty span means: not now.
/// Writing:  while queue(c) is not empty and may_send(c) is not 0: send that much of its front; consume; sent(now, c).
/// With a limit the same call may answer otherwise after the next deadline.
class Node {
 public:
  struct Config {
    wire::Hello hello;  ///< What we say of ourselves. port 0: we do not listen.
    std::size_t max_connections = 64;
    /// Whoever dialled. What the user named is dialled beyond it.
    std::size_t max_connections_per_address = 8;
    /// Those who live for one command, and visitors, may come beyond max_connections: so many more.
    std::size_t max_guests = 16;
    /// Connections of our own visits, beyond max_connections: those to see who is there, and those that are needed.
    std::size_t max_looks = 32;
    std::size_t max_needed = 160;
    std::size_t buffer_bytes = std::size_t{32} << 20;  ///< Chunks in memory, all downloads together.
    members::PeerTable::Limits table;
    members::Rumours::Limits rumours;
    members::Eviction::Limits eviction;
    RemoteCatalog::Limits catalogs;
    members::Visits::Limits visits;
    /// Which hints of other peers may be dialled.
    wire::AddressPolicy policy;
    /// Dial what other peers tell of. Off: only hints of the user and the file.
    bool dial_gossip = true;
    std::uint64_t seed = 0;
    /// Bytes a second, up and down each, all connections together (RateLimit). Nothing: without limit.
    std::optional<std::uint64_t> limit;
    struct AcceptPush {
      std::uint64_t quota = 0;                      ///< Bytes accepted in all.
      std::function<std::uint64_t()> free_space{};  ///< Of the disk, in bytes.
    };
    /// Accept what others push; nothing: refuse it.
    std::optional<AcceptPush> accept_push{};
    /// Answer older programs (peer/legacy/server_session.h).
    bool legacy = false;
  };

  /// `library` must outlive the node.
  Node(Config config, Library& library, net::TimePoint now);

  // --- connections ---
  /// An endpoint at which a peer may listen. Outside the policy (peer gossip) it is ignored and false is the answer;
  /// what the user or the file names is dialled whatever range it is in.
  /// `via`: the address of whoever told us, for the bounds of PeerTable.
  bool hint(net::TimePoint now, const net::Endpoint& endpoint, members::HintSource source,
            const std::optional<net::IpAddress>& via = std::nullopt);
  /// Dials every endpoint that is known and not connected, also one that was given up for the moment or had no place
  /// for us, but not where we are ourselves, where somebody is whom we are connected with, or who has sent wrong data;
  /// until then nothing is settled.
  void try_all_again(net::TimePoint now);
  /// Somebody wants to know the whole network as it is since `since`: whoever is known of and not connected is visited
  /// (see everybody()), also those who had no place for us, for as long as this is called again and again, at least
  /// every kSurveyLease. What was seen is forgotten after that.
  void look_for_all(net::TimePoint now, net::TimePoint since);
  static constexpr net::Duration kSurveyLease = std::chrono::seconds(5);
  /// True while somebody is still to be visited, or being visited, who has been seen by anybody.
  bool expects_more() const { return survey_ && visits_.expected() > 0; }
  /// Sees to it that there is a connection with the member, which listens there, for as long as this is called again
  /// and again, at least every kHoldLease. False while there is none and no place for one.
  bool hold(net::TimePoint now, const net::Endpoint& listening, const NodeId& node);
  static constexpr net::Duration kHoldLease = std::chrono::seconds(5);
  /// It is not needed any more.
  void let_go(const net::Endpoint& listening);
  /// The host's addresses have changed.
  void set_policy(wire::AddressPolicy policy) { config_.policy = std::move(policy); }
  /// There are doubts that the node is still at the other end of its connection: it is given up unless a sign of life
  /// comes within 5 s. Means nothing for a node that is not connected.
  void probe(net::TimePoint now, const NodeId& node);
  /// While this is set, hints may still come from elsewhere, and nothing is settled.
  void expect_hints(bool expected) { hints_expected_ = expected; }
  /// A connection came in. Nothing when a bound refuses it: close it.
  std::optional<ConnectionId> accepted(net::TimePoint now, const net::Endpoint& remote);
  void dialled(net::TimePoint now, ConnectionId connection);
  void dial_failed(net::TimePoint now, ConnectionId connection, const std::string& reason);
  std::span<std::byte> space(ConnectionId connection);
  void received(net::TimePoint now, ConnectionId connection, std::size_t count);
  net::SendQueue& queue(ConnectionId connection);
  /// Bytes that may be taken off the front of the queue now. REQUIRES: the queue is not empty.
  std::uint64_t may_send(ConnectionId connection);
  /// Bytes were taken off the queue.
  void sent(net::TimePoint now, ConnectionId connection, std::uint64_t count);
  /// The other end closed it, or the socket failed.
  void closed(net::TimePoint now, ConnectionId connection, const std::string& reason);
  /// True while the node has the connection (it may drop one in any call, with a Close action).
  bool has(ConnectionId connection) const { return connections_.contains(connection); }

  // --- what we offer ---
  /// The library's catalog changed, or is growing now or no longer: peers are told.
  void library_changed(net::TimePoint now);

  // --- downloads ---
  /// Several may be for the same content: they are carried out one after another, or, once the first of them has a
  /// small content, together: the store takes it from there.
  TransferId fetch(net::TimePoint now, swarm::FetchRequest request);
  /// Stops it; what was fetched stays in the partial store.
  void cancel(net::TimePoint now, TransferId transfer);
  /// Null for one that was never there or was forgotten.
  const swarm::Transfer* transfer(TransferId transfer) const;
  /// Lets go of a transfer that has ended.
  void forget(TransferId transfer);
  void store_opening(net::TimePoint now, TransferId transfer, const StoreOpening& progress);
  void store_opened(net::TimePoint now, TransferId transfer, StoreOpened result);
  void chunk_stored(net::TimePoint now, TransferId transfer, ChunkStored result);
  void store_finished(net::TimePoint now, TransferId transfer, StoreFinished result);

  // --- pushes ---
  /// What has become of an offer that we made.
  struct SentOffer {
    enum class State {
      kAsked,
      kAccepted,  ///< `status` tells how far it is.
      kRefused,   ///< `code` says why.
      kOver,      ///< `status` tells how it ended.
      kLost,      ///< The connection is gone.
    };
    ConnectionId connection = 0;
    std::uint32_t request = 0;
    std::uint64_t bytes = 0;  ///< Of all its entries.
    State state = State::kAsked;
    wire::ErrorCode code = wire::ErrorCode::kNone;
    wire::OfferStatus status;
    net::TimePoint heard_at{};  ///< When it was made, or the peer last said something of it.
    bool ended() const { return state != State::kAsked && state != State::kAccepted; }
  };
  /// Asks a connected peer to fetch these. Library::has() must be true of each file until the offer is ended.
  /// REQUIRES: the connection is one of peers(); the entries fit one message (wire::kMaxEntriesSize).
  OfferId offer(net::TimePoint now, ConnectionId connection, std::vector<files::CatalogEntry> entries);
  /// Null for one that was never made or was withdrawn.
  const SentOffer* sent_offer(OfferId id) const;
  /// Forgets it; tells the peer where it is still under way.
  void withdraw(OfferId id);
  /// Has a folder made; its id is given here. What becomes of it is kept until it is taken or forgotten.
  FolderId make_folder(MakeFolder folder);
  /// What became of it; nothing while it is being made. Told once.
  std::optional<MadeFolder> take_made_folder(FolderId id);
  /// Nobody will take it; the folder is made all the same.
  void forget_folder(FolderId id) { made_folders_.erase(id); }
  /// An answer to MakeFolder.
  void folder_made(net::TimePoint now, FolderId id, MadeFolder result);

  // --- time ---
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;

  /// What is to be done since the last call.
  Outbox take_actions();

  /// Stops every transfer, says BYE on every connection and closes it; nothing is accepted or dialled from now on.
  void shut_down(net::TimePoint now);

  // --- what is known ---
  struct PeerView {
    ConnectionId connection;                 ///< 0: there is none, the rest is what a visit has shown.
    net::Endpoint remote;                    ///< The connection's other end.
    std::optional<net::Endpoint> listening;  ///< Where it can be dialled, if it listens.
    NodeId node;
    std::string name;  ///< Untrusted text.
    const files::Catalog* catalog;
    bool catalog_complete;
    bool catalog_growing;  ///< It may soon offer more.
    std::uint64_t bytes_in, bytes_out;
    bool transient;  ///< Lives for one command only.
    bool visited;    ///< There is no connection, or one for a moment only.
  };
  /// True when HELLO succeeded on a connection to the node that is still open.
  bool connected(const NodeId& node) const;
  /// True where this peer itself is known to be at the endpoint.
  bool is_own(const net::Endpoint& endpoint) const;
  /// Who was reached at the endpoint last, whether the connection is still open or another way to it is used.
  std::optional<NodeId> reached(const net::Endpoint& endpoint) const;
  /// Peers that we are connected with, by connection; visits are not among them.
  std::vector<PeerView> peers() const;
  /// Those but for visitors, and all that were visited for look_for_all() or are now.
  std::vector<PeerView> everybody() const;
  /// True when nothing that could still bring a new peer or file is under way: every endpoint was tried once, every
  /// connected peer's catalog is complete, and nobody is left to be visited. Rumours are not waited for otherwise
  /// (PeerTable::untested).
  bool settled() const;
  /// Endpoints at which no peer was reached when they were last dialled, and why.
  const std::map<net::Endpoint, std::string>& failures() const { return failures_; }
  /// Endpoints worth remembering: known good, now or lately, and not of a peer that lives for one command only.
  std::vector<net::Endpoint> known_endpoints() const;
  /// True for an endpoint where a peer was lately, as we or others have seen.
  bool has_heard_of(const net::Endpoint& endpoint) const { return rumours_.knows(endpoint); }
  /// Changes whenever known_endpoints() or the set of connected peers may have changed.
  std::uint64_t membership_revision() const { return membership_revision_; }
  /// Changes whenever everybody() or the catalogs in it may have changed.
  std::uint64_t network_revision() const { return membership_revision_ + catalog_pages_; }
  const NodeId& id() const { return own_id_; }
  std::uint64_t instance() const { return config_.hello.instance; }
  /// By number; those that were forgotten are not among them.
  std::vector<TransferId> transfers() const;
  /// Who sends and takes what; its records are to be taken now and then.
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  /// A path that the content is offered or fetched under; empty where there is none any more.
  std::string path_of(const files::ContentId& id) const;
  /// Bytes a second, all connections together.
  double rate_in(net::TimePoint now) const { return rate_in_.per_second(now); }
  double rate_out(net::TimePoint now) const { return rate_out_.per_second(now); }
  /// Downloads that have not ended.
  std::size_t running_transfers() const;
  /// Bytes of chunks on their way from a socket to the disk; at most Config::buffer_bytes.
  std::size_t buffered_bytes() const { return buffers_.in_use(); }
  /// How many have ended since the start: where this has not grown, nobody's has.
  std::uint64_t ended_transfers() const { return ended_transfers_; }
  /// How often a download had all its data, or has ended, since the start: where this has not grown, as many fetch.
  std::uint64_t fetch_turns() const { return ended_transfers_ + finishing_transfers_; }
  /// How often an offer of ours was answered or has ended: where this has not grown, all are as they were.
  std::uint64_t offer_turns() const { return offer_turns_; }
  /// Bytes of all connections since the start.
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }

 private:
  /// Nothing proves in the clear that a node is who it says. What is wrong is held against it at the address that it
  /// came from, or everybody could do that in another's name (threat T36).
  using Sender = std::pair<NodeId, net::IpAddress>;
  static Sender sender_of(const Connection& connection) { return {connection.node, connection.remote.address}; }

  static constexpr unsigned kStrikesToBan = 3;
  static constexpr std::size_t kMaxStruck = 4096;  ///< Nodes that have sent wrong data; more are not remembered.
  /// How often those who hold memory are looked at while others wait for some.
  static constexpr net::Duration kRelieveInterval = std::chrono::seconds(1);

  /// Gives the memory for incoming chunks; one for each connection because the session does not say who it is.
  class Sink final : public wire::ChunkSink {
   public:
    Sink(Node& node, ConnectionId connection) : node_(node), connection_(connection) {}
    wire::Placement place(const wire::ChunkHeader& header, std::uint32_t size) override;

   private:
    Node& node_;
    ConnectionId connection_;
  };
  struct Peer {
    Peer(Node& node, ConnectionId id) : sink(node, id) { connection.id = id; }
    Sink sink;
    Connection connection;
    net::TimePoint dial_deadline{};
  };
  using PeerPtr = std::unique_ptr<Peer>;

  static Ledger::Party party_of(const Connection& connection);
  Connection* find(ConnectionId id);
  Connection& get(ConnectionId id);
  Connection& add_connection(const net::Endpoint& remote);

  // node.cpp: connections and their events
  void begin_session(net::TimePoint now, Connection& connection, wire::Role role);
  void process(net::TimePoint now, ConnectionId id);
  void handle(net::TimePoint now, Connection& connection, wire::Event event);
  void handle_message(net::TimePoint now, Connection& connection, wire::Message message);
  /// What the connection's catalog may take in memory beside those of the others.
  std::size_t catalog_room(const Connection& connection) const;
  /// Says BYE with the reason where the other end would understand it, and drops the connection.
  void close(net::TimePoint now, ConnectionId id, wire::ErrorCode reason);
  void drop(net::TimePoint now, ConnectionId id, bool tell_driver);
  void expire_connection(net::TimePoint now, ConnectionId id);

  // node_members.cpp: who is in the network
  void dial_due(net::TimePoint now);
  bool hint_of_rumour(net::TimePoint now);
  std::size_t places_to_dial() const { return config_.max_connections * 3 / 4; }
  std::size_t dial_budget() const;
  std::optional<net::TimePoint> dial_later(net::TimePoint now, const net::Endpoint& endpoint) const;
  std::size_t connections_with(const net::IpAddress& address, bool with_dials) const;
  /// Connections without our visits, and without those that came in and have not said HELLO yet, which hold no place.
  std::size_t places_taken() const;
  /// Of those at this stage that came in, and that the user did not choose, the latest of the address with the most of
  /// them; nothing where no address has `crowd` of them.
  std::optional<ConnectionId> one_of_a_crowd(Connection::Stage stage, std::size_t crowd) const;
  void handle_hello(net::TimePoint now, Connection& connection, wire::Hello hello);
  bool has_place_for(net::TimePoint now, const Connection& connection);
  bool make_place_for_guest(net::TimePoint now, const Connection& guest);
  std::vector<net::Endpoint> neighbour_endpoints() const;
  void handle_peers(net::TimePoint now, Connection& connection, const wire::PeersReceived& list);
  bool replaces_others(net::TimePoint now, Connection& fresh);
  bool keeps_over(const Connection& fresh, const Connection& old) const;
  /// Gives up another's connection for a newcomer's; false where nobody's may be.
  bool make_place_for(net::TimePoint now, const Connection& newcomer);
  bool may_be_given_up(const Connection& connection) const;
  void opened(net::TimePoint now, Connection& connection);
  /// Closes a connection that reached HELLO and does not dial its endpoint again before `until` (nothing: never).
  void turn_away(net::TimePoint now, Connection& connection, wire::ErrorCode reason,
                 std::optional<net::TimePoint> until);
  /// Not that of a visitor.
  Connection* open_connection_to(const NodeId& node) const;
  bool banned(const Sender& sender) const;
  /// The other end gives the connection up, or will not have it.
  void refused_by_peer(net::TimePoint now, Connection& connection, wire::ErrorCode reason);
  /// It has failed, unless it was open.
  void note_failure(const Connection& connection, const std::string& reason);
  void note_unreached(const Connection& connection, const std::string& reason);
  void note_reached(const net::Endpoint& endpoint, const NodeId& node);
  /// The connection has come, or is gone.
  void membership_changed(net::TimePoint now, const Connection& connection);
  void send_gossip(net::TimePoint now);
  bool exchanges_rumours_with(const Connection& connection) const;
  bool is_worth_telling(const net::Endpoint& endpoint) const;
  void peers_seen(net::TimePoint now, const Connection& connection, const wire::PeersSeen& message);
  void tell_rumours(net::TimePoint now);
  /// True while nobody but others' word says that there is somebody.
  bool is_rumour(const Connection& connection) const;
  void strike(net::TimePoint now, const Sender& sender);
  std::size_t dialled_count() const;

  // node_visits.cpp: those that we are connected with for a moment only
  struct Survey {
    net::TimePoint since, began, until;
  };
  /// What a visit has shown.
  struct Visited {
    net::Endpoint endpoint;
    std::string name;
    files::Catalog catalog;
    std::size_t bytes = 0;  ///< Of the catalog.
    bool transient = false;
    bool growing = false;   ///< As told at `at` ...
    bool outdated = false;  ///< ... and it is to be seen again since.
    net::TimePoint at{};
  };
  void begin_survey(net::TimePoint now);
  void consider_visit(net::TimePoint now, const net::Endpoint& endpoint, members::HintSource source, bool known,
                      const std::optional<net::IpAddress>& via);
  bool worth_a_visit(const net::Endpoint& endpoint) const;
  void look_after_visits(net::TimePoint now);
  void look_after_visit(net::TimePoint now, ConnectionId id);
  bool visit_growing(net::TimePoint now);
  void visit_some(net::TimePoint now);
  bool visit(net::TimePoint now, const members::Visits::Visit& visit);
  void find_sources(net::TimePoint now);
  void visit_opened(net::TimePoint now, Connection& connection);
  void visit_told(net::TimePoint now, Connection& connection);
  void visit_dropped(net::TimePoint now, const Connection& connection);
  void make_room_for_visited();
  template <class Unwanted>
  void forget_visited(Unwanted unwanted);
  static bool has_tired_of(net::TimePoint now, const Connection& visit);
  /// Something that visits are for may have changed.
  void visits_changed();
  bool wants_catalog(const Connection& connection) const;
  bool is_needed(const Connection& connection) const;
  const files::Catalog& catalog_of(const Connection& connection) const;
  bool catalog_known(const Connection& connection) const;
  PeerView view_of(const Connection& connection) const;
  /// Somebody visits us.
  static bool is_visitor(const Connection& connection);
  static bool passes_by(const Connection& connection) { return connection.visit || is_visitor(connection); }
  std::size_t visit_count() const;

  // node_serve.cpp: what others ask of us
  void answer(net::TimePoint now, Connection& connection, const wire::CatalogGet& question);
  void answer(net::TimePoint now, Connection& connection, const wire::LayerGet& question);
  void answer(net::TimePoint now, Connection& connection, const wire::ChunkGet& question);
  void answer(net::TimePoint now, Connection& connection, const wire::Interest& interest);
  void refuse(Connection& connection, std::uint32_t request, wire::ErrorCode code);
  void pump_uploads(net::TimePoint now);
  /// Answers a request whose turn has come.
  void send_chunk(net::TimePoint now, Connection& connection, swarm::UploadRequest request);
  swarm::SentChunks& sent_chunks(const files::ContentId& id);
  std::shared_ptr<const net::SendSource> source_of(const swarm::UploadRequest& request);
  swarm::Transfer* offering(const files::ContentId& id);
  void tell_interested(const files::ContentId& id, const wire::Have& have);
  /// What is there of it; none where that is nothing.
  static std::vector<wire::Have> haves_of(const swarm::Transfer& transfer);

  // node_legacy.cpp: older programs
  void begin_legacy(net::TimePoint now, Connection& connection);
  void process_legacy(net::TimePoint now, ConnectionId id);
  /// Whether there is a place for one from that address; another address that has more than its share gives one up.
  bool legacy_place(net::TimePoint now, const net::IpAddress& address);
  /// Begins the answer to a request, now or later.
  void answer_legacy(net::TimePoint now, Connection& connection);
  void feed_legacy(net::TimePoint now, Connection& connection);
  void legacy_sent(net::TimePoint now, Connection& connection);
  void expire_legacy(net::TimePoint now, Connection& connection);
  void warn_of_legacy(net::TimePoint now, const Connection& connection);

  // node_push.cpp: offers, ours and others'
  struct Pushed {
    swarm::OfferInbox::Key key;
    std::string given_up;  ///< Why, where it was.
  };
  void answer(net::TimePoint now, Connection& connection, const wire::Offer& offer);
  FolderId order_folder(MakeFolder folder);
  bool offered_by(const Connection& connection, const files::ContentId& content) const;
  void look_at_inbox(net::TimePoint now);
  void look_at_pushed(net::TimePoint now);
  void end_pushed(TransferId id, const Pushed& pushed);
  SentOffer* sent_offer_on(const Connection& connection, std::uint32_t request);
  void offer_answered(net::TimePoint now, const Connection& connection, const wire::OfferAnswer& answer);
  void offer_status_came(net::TimePoint now, const Connection& connection, wire::OfferStatus status);
  bool offer_refused(const Connection& connection, const wire::Error& error);
  void lose_offers(ConnectionId id);

  // node_fetch.cpp: what we ask of others
  wire::Placement place(ConnectionId id, const wire::ChunkHeader& header, std::uint32_t size);
  void chunk_received(net::TimePoint now, Connection& connection, const wire::ChunkReceived& chunk);
  void chunk_skipped(net::TimePoint now, Connection& connection, const wire::ChunkSkipped& chunk);
  void layer_received(net::TimePoint now, Connection& connection, wire::Layer layer);
  void have_received(net::TimePoint now, Connection& connection, const wire::Have& have);
  void error_received(net::TimePoint now, Connection& connection, const wire::Error& error);
  void ask_catalog(net::TimePoint now, Connection& connection);
  void tell_transfers(net::TimePoint now, Connection& connection);
  void tell_transfers_anew(net::TimePoint now, const Connection& connection);
  void express_interest(Connection& connection, const swarm::Transfer& transfer, bool on);
  void tell_of_chunk(const swarm::Transfer& transfer, std::uint32_t chunk);
  void drive(net::TimePoint now, TransferId id);
  void drive_all(net::TimePoint now);
  void end_transfer(net::TimePoint now, TransferId id, swarm::Transfer& transfer);
  void record_end(net::TimePoint now, TransferId id, const swarm::Transfer& transfer);
  OpenStore open_store(TransferId id) const;
  bool fetches(const files::ContentId& content) const;
  void ask_layer(Connection& connection, TransferId id, const swarm::Transfer& transfer);
  void ask_layer_part(Connection& connection, Connection::AskedLayer& asked, const swarm::Transfer& transfer);
  void forget_layers(TransferId id);
  void ask_chunk(Connection& connection, TransferId id, const swarm::Transfer& transfer, std::uint32_t chunk);
  /// For wire::kYourChoice all that were left to the other end.
  void cancel_chunk(Connection& connection, TransferId id, std::uint32_t chunk);
  void stop_receiving(Connection& connection);
  void release_buffer(net::TimePoint now, Buffer buffer);
  /// Lets those go on that wait for memory.
  void give_buffers(net::TimePoint now);
  void relieve_waiting(net::TimePoint now);
  swarm::Transfer* find_transfer(TransferId id);

  Config config_;
  Library& library_;
  NodeId own_id_;
  members::PeerTable table_;
  members::Rumours rumours_;
  members::Eviction eviction_;
  net::TimePoint rumour_at_{};  ///< When one may be dialled again.
  BufferPool buffers_;
  swarm::Uploads uploads_;
  std::optional<RateLimit> up_limit_, down_limit_;
  std::mt19937_64 random_;
  Outbox outbox_;
  bool shut_down_ = false;
  bool hints_expected_ = false;

  members::Visits visits_;
  std::optional<Survey> survey_;
  std::map<NodeId, Visited> visited_;
  std::size_t visited_bytes_ = 0;
  std::map<net::Endpoint, net::TimePoint> held_;  ///< Until when.
  std::optional<net::TimePoint> visits_at_;       ///< When to look after visits again.

  std::map<ConnectionId, PeerPtr> connections_;
  /// Connections dropped in this call: whoever is still at work on one may look at it until the next call.
  std::vector<PeerPtr> dropped_;
  ConnectionId last_connection_ = 0;
  std::set<ConnectionId> waiting_for_buffers_;
  std::optional<net::TimePoint> relieve_at_;  ///< While somebody waits.
  net::TimePoint heard_at_{};                 ///< When bytes came last, on any connection.
  std::map<Sender, unsigned> strikes_;
  std::map<net::Endpoint, std::string> failures_;

  std::map<TransferId, std::unique_ptr<swarm::Transfer>> transfers_;
  TransferId last_transfer_ = 0;
  std::uint64_t told_revision_ = 0;  ///< Of our catalog, that peers were told of last.
  std::uint64_t ended_transfers_ = 0;
  std::uint64_t finishing_transfers_ = 0;  ///< Those that have begun to.
  std::uint64_t offer_turns_ = 0;
  std::multiset<files::ContentId> fetching_;  ///< Of the transfers whose end was not told.
  /// Those whose content another one fetches already: the store has one partial file for each content.
  std::set<TransferId> not_opened_;
  /// Who sent the chunks that are with the store.
  std::map<std::pair<TransferId, std::uint32_t>, Sender> storing_;
  std::map<files::ContentId, swarm::SentChunks> times_sent_;

  std::optional<swarm::OfferInbox> inbox_;          ///< Where pushes are accepted.
  std::map<TransferId, Pushed> pushed_;             ///< Its transfers.
  std::map<FolderId, std::string> pushed_folders_;  ///< Paths of those that are being made.
  std::optional<net::TimePoint> push_at_;           ///< When to look at it again.
  FolderId last_folder_ = 0;
  /// Of make_folder(), not taken yet; nothing while it is being made.
  std::map<FolderId, std::optional<MadeFolder>> made_folders_;
  std::map<OfferId, SentOffer> sent_offers_;
  OfferId last_offer_ = 0;
  std::map<net::Endpoint, NodeId> reached_;  ///< By what was dialled.

  std::shared_ptr<const legacy::SharedContents> legacy_shared_;
  net::TimePoint legacy_listed_at_{};  ///< When that was made.
  std::optional<net::TimePoint> legacy_warned_at_;

  Ledger ledger_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  net::RateMeter rate_in_, rate_out_;
  std::optional<net::TimePoint> gossip_at_;
  net::TimePoint last_gossip_{};
  std::uint64_t catalog_pages_ = 0;  ///< That came.
  std::uint64_t membership_revision_ = 0;
};

}  // namespace peer
