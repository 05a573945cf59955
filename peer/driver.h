// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/log.h"
#include "net/select_loop.h"
#include "net/workers.h"
#include "peer/acceptor.h"
#include "peer/announcing.h"
#include "peer/files/bundle.h"
#include "peer/files/index.h"
#include "peer/files/share.h"
#include "peer/home.h"
#include "peer/introducer/link.h"
#include "peer/library.h"
#include "peer/node.h"
#include "peer/operations/feed.h"
#include "peer/peer_socket.h"
#include "peer/peers_file.h"
#include "peer/store.h"
#include "peer/transfer_log.h"

namespace peer {

struct DriverOptions {
  /// The peer that a home is served by: keeps the home's key, watches the share. Otherwise it is a
  /// short-lived one with a key of its own, beside which a serving one may run.
  bool serve = false;
  std::string name;  ///< What we call ourselves; at most wire::kMaxNameSize bytes.
  /// Where to listen; empty: all addresses, at kPeerPort when serving, at any port otherwise.
  std::optional<net::Endpoint> listen;
  /// What the home is opened for. Whoever only asks offers nothing and fetches nothing.
  Home::Use use = Home::Use::kServe;
  std::string peers_file;  ///< Empty: peers.txt of the home.
  /// Only these are dialled; the peer list and gossip are left alone, nothing is announced, and a short-lived peer does
  /// not listen.
  std::vector<net::Endpoint> from;
  /// Announce ourselves where we serve, otherwise ask who is there. A peer that listens on loopback does neither.
  bool announce = true;
  /// Addresses of an introducer to register with; empty: none.
  std::vector<net::Endpoint> introducer;
  /// Bytes a second, up and down each.
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> accept_push;  ///< Accept what others push, up to so many bytes in all.
  bool legacy = false;                       ///< Answer older programs.
};

/// Runs a Node on real sockets, files and threads: one select loop, in which everything but hashing and disk happens.
class Driver final : private Store::Listener, private Library {
 public:
  /// Opens the home, listens, begins to dial. Throws std::system_error or std::runtime_error naming what is in the way.
  Driver(const std::string& home, const DriverOptions& options, const net::Log& log);
  ~Driver() override;

  Node& node() { return *node_; }
  net::SelectLoop& loop() { return loop_; }
  const Home& home() const { return home_; }
  /// Null where nothing is shared.
  const files::Share* share() const { return share_.get(); }
  const std::vector<net::Endpoint>& listening() const { return listening_; }
  /// "download" lines of those that have ended.
  const operations::Feed& ended_downloads() const { return ended_downloads_; }
  /// Files and folders to be sent from where they are for as long as the result lives, to those who know their ids.
  std::shared_ptr<const files::PushContents> offer(std::vector<std::string> paths);

  /// Looks for peers as at the start: the peer list, the local network, the introducer, and all that is known.
  void init_peer_table(net::TimePoint now);

  /// One pass of the loop, at most until `deadline`. Returns the time of its end.
  net::TimePoint pass(std::optional<net::TimePoint> deadline);
  /// Leaves in an orderly way: transfers are put down so that they can be resumed, peers are told. Takes at most a few
  /// seconds.
  void leave();

 private:
  void listen(const DriverOptions& options);
  void add_acceptor(const net::Endpoint& endpoint);
  std::uint16_t port() const { return listening_.empty() ? 0 : listening_.front().port; }
  Node::Config node_config(const DriverOptions& options) const;
  void accept(net::TimePoint now, net::Accepted accepted);
  void add_socket(ConnectionId id, net::Fd fd, bool connecting);
  void reap_sockets();
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> next_deadline() const;
  void keep_peers(net::TimePoint now, bool at_once);
  void begin_sharing(const DriverOptions& options);
  void open_index();
  void tidy_partials();
  void expect_hints();
  void hint_peers_file(net::TimePoint now);
  void begin_announcing(const DriverOptions& options);
  void begin_registering(const DriverOptions& options);
  wire::AddressPolicy address_policy() const;
  void addresses_changed(net::TimePoint now);

  void carry_out_all();
  void write_records();
  void carry_out(Dial& action);
  void carry_out(Close& action);
  void carry_out(OpenStore& action);
  void carry_out(SetLayer& action) { store_->set_layer(std::move(action)); }
  void carry_out(StoreChunk& action) { store_->store(std::move(action)); }
  void carry_out(FinishStore& action) { store_->finish(std::move(action)); }
  void carry_out(ReleaseStore& action) { store_->release(action); }
  void carry_out(MakeFolder& action);
  void carry_out(Warn& action) { log_.warning(action.message); }
  /// What is pushed and has the content; null: nothing.
  std::shared_ptr<files::Bundle> bundle_with(const files::ContentId& id) const;
  void make_folders();
  MadeFolder make_folder(const MakeFolder& action) const;  ///< On a worker.

  // Store::Listener
  void store_opening(TransferId transfer, const StoreOpening& progress) override;
  void store_opened(TransferId transfer, StoreOpened result) override;
  void chunk_stored(TransferId transfer, ChunkStored result) override;
  void store_finished(TransferId transfer, StoreFinished result, const std::string& folder, const net::FileStatus& file,
                      files::HashedContent content) override;
  // Library
  const files::Catalog& catalog() const override;
  bool growing() const override;
  bool has(const files::ContentId& id) const override;
  bool is_shared(const files::CatalogEntry& entry) const override;
  std::string path_beside(const files::ContentId& id) const override;
  std::shared_ptr<const net::SendSource> open(const files::ContentId& id) override;
  std::shared_ptr<const std::vector<files::Hash>> layer(const files::ContentId& id) override;
  std::optional<StandingFile> find(const files::ContentId& id) const override;

  const net::Log& log_;
  Home home_;
  net::SelectLoop loop_;
  std::unique_ptr<files::Index> index_;
  net::Workers workers_;
  std::unique_ptr<files::Share> share_;
  /// Which of its folders these are, where they are there.
  std::optional<std::size_t> shared_folder_, downloads_folder_;
  std::vector<std::weak_ptr<files::Bundle>> bundles_;  ///< What is pushed.
  files::Catalog nothing_shared_{1};
  std::unique_ptr<Store> store_;                          ///< Null where nothing is fetched.
  std::unique_ptr<TransferLog> client_log_, server_log_;  ///< Null where the home has no .p2p/.
  std::vector<MakeFolder> folders_to_make_;
  bool making_folders_ = false;  ///< On a worker, one after another.
  operations::Feed ended_downloads_;
  std::unique_ptr<PeersFile> peers_file_;
  std::vector<net::Endpoint> listening_;
  bool on_loopback_ = false;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<Announcing> announcing_;
  std::unique_ptr<introducer::Link> introducer_;
  std::map<ConnectionId, std::unique_ptr<PeerSocket>> sockets_;
  net::TimePoint now_;

  std::uint64_t kept_revision_ = 0;  ///< Of the membership that the peers file was told of.
  std::optional<net::TimePoint> keep_peers_at_;
};

}  // namespace peer
