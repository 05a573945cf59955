// SPDX-License-Identifier: MIT
#include "peer/driver.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <variant>

#include "net/check.h"
#include "net/digest.h"
#include "net/iface.h"
#include "net/socket.h"
#include "peer/files/attributes.h"
#include "peer/key.h"
#include "peer/operations/records.h"

namespace peer {
namespace {

/// Peers learned are written to the peers file at most this often.
constexpr net::Duration kKeepPeersInterval = std::chrono::seconds(2);
/// How long leaving may take.
constexpr net::Duration kLeaveTime = std::chrono::seconds(10);
/// Sockets that the node has closed may take a moment to say why, these many of them: the node's bounds know nothing of
/// them, and whoever comes again and again must not take all descriptors (threat T17).
constexpr std::ptrdiff_t kMostLeaving = 256;

unsigned worker_threads() { return std::clamp(std::thread::hardware_concurrency(), 2u, 4u); }

std::uint64_t random_number() {
  std::uint64_t number = 0;
  net::random_bytes(std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

}  // namespace

Driver::Driver(const std::string& home, const DriverOptions& options, const net::Log& log)
    : log_(log), home_(home, options.use), workers_(worker_threads()), now_(net::Clock::now()) {
  // sendfile() has no way to be told that a peer went away but this.
  std::signal(SIGPIPE, SIG_IGN);
  loop_.add(workers_);
  const bool only_asks = options.use == Home::Use::kAsk;
  if (home_.has_state()) {
    client_log_ = std::make_unique<TransferLog>(home_.state(), "client.log", log_);
    server_log_ = std::make_unique<TransferLog>(home_.state(), "server.log", log_);
  }
  if (!only_asks) {
    store_ = std::make_unique<Store>(workers_, home_.partial(), home_.downloads_or_partial(), worker_threads(),
                                     static_cast<Store::Listener&>(*this));
  }
  if (options.from.empty()) peers_file_ = std::make_unique<PeersFile>(home_, options.peers_file, log_, !only_asks);
  listen(options);
  node_ = std::make_unique<Node>(node_config(options), static_cast<Library&>(*this), now_);
  if (!only_asks) {
    begin_sharing(options);
    tidy_partials();
  }
  begin_announcing(options);
  begin_registering(options);
  expect_hints();
  for (const net::Endpoint& endpoint : options.from) node_->hint(now_, endpoint, members::HintSource::kUser);
  hint_peers_file(now_);
}

Driver::~Driver() {
  for (auto& [id, socket] : sockets_) loop_.remove(*socket);
  for (auto& acceptor : acceptors_) loop_.remove(*acceptor);
  loop_.remove(workers_);
}

/// Offers what there is of shared/ and downloads/.
void Driver::begin_sharing(const DriverOptions& options) {
  std::vector<net::Folder> folders;
  if (home_.has_shared()) {
    shared_folder_ = folders.size();
    folders.push_back(net::Folder::open(home_.path() + "/shared"));
  }
  if (home_.has_downloads()) {
    downloads_folder_ = folders.size();
    folders.push_back(net::Folder::open(home_.path() + "/downloads"));
  }
  if (folders.empty()) return;
  open_index();
  files::ShareOptions share_options;
  share_options.watch = options.serve;
  share_options.max_tasks = worker_threads() + 1;
  share_ = std::make_unique<files::Share>(loop_, workers_, std::move(folders), index_.get(), log_, share_options);
  share_->on_change([this] { node_->library_changed(now_); });
}

/// Without .p2p/ all is hashed anew each time.
void Driver::open_index() {
  if (index_ || !home_.has_state()) return;
  index_ = std::make_unique<files::Index>(home_.state(), "index.db",
                                          [this](const std::string& warning) { log_.warning(warning); });
}

Node::Config Driver::node_config(const DriverOptions& options) const {
  NodeKey key = options.serve ? NodeKey::load_or_create(home_.state(), "key") : NodeKey::generate();
  Node::Config config;
  config.hello.public_key = key.public_key();
  config.hello.instance = random_number();
  config.hello.port = port();
  config.hello.name = options.name;
  if (!options.serve) config.hello.features |= wire::kTransient;
  config.seed = random_number();
  config.dial_gossip = options.from.empty();
  config.policy = address_policy();
  config.limit = options.limit;
  config.legacy = options.legacy;
  if (options.accept_push) {
    config.accept_push = {*options.accept_push, [this] { return home_.partial().free_space(); }};
  }
  return config;
}

wire::AddressPolicy Driver::address_policy() const {
  wire::AddressPolicy policy;
  policy.allow_loopback = on_loopback_;
  for (const net::Interface& interface : net::list_interfaces()) {
    for (const net::InterfaceAddress& own : interface.addresses) {
      policy.own.push_back({own.address, port()});
      if (const net::Ipv4Address* v4 = own.address.v4()) {
        policy.networks.push_back(net::Ipv4Network::of(*v4, own.prefix));
      }
    }
  }
  return policy;
}

/// What killed processes left and nobody can use goes; what can be resumed is told of.
void Driver::tidy_partials() {
  auto tidy = [this] {
    files::SmallFiles::remove_stale(home_.partial());
    return files::list_partials(home_.partial()).size();
  };
  workers_.submit(tidy, [this](std::size_t left) {
    if (left == 0) return;
    const bool one = left == 1;
    log_.info((one ? "1 download" : std::to_string(left) + " downloads") + " of earlier runs can be resumed: get " +
              (one ? "it" : "them") + " again");
  });
}

// --- the local network ---

void Driver::begin_announcing(const DriverOptions& options) {
  if (!options.announce || !options.from.empty() || on_loopback_) return;
  members::Announcer::Config config;
  config.id = node_->id();
  config.instance = node_->instance();
  config.user = options.name;
  config.port = options.serve ? port() : std::uint16_t{0};
  config.seed = random_number();
  config.connected = [this](const NodeId& node) { return node_->connected(node); };
  announcing_ =
      std::make_unique<Announcing>(loop_, *node_, static_cast<const Library&>(*this), std::move(config), listening_,
                                   log_, now_, [this](net::TimePoint now) { addresses_changed(now); });
}

void Driver::begin_registering(const DriverOptions& options) {
  if (options.introducer.empty()) return;
  introducer::Registration::Config config{net::to_hex(node_->id()), port(), options.introducer, random_number()};
  introducer_ = std::make_unique<introducer::Link>(
      loop_, introducer::Registration(std::move(config), now_), log_,
      [this](net::TimePoint now, const net::Endpoint& peer, const net::IpAddress& via) {
        node_->hint(now, peer, members::HintSource::kIntroducer, via);
      });
}

void Driver::hint_peers_file(net::TimePoint now) {
  if (!peers_file_) return;
  for (const net::Endpoint& endpoint : peers_file_->endpoints()) {
    node_->hint(now, endpoint, members::HintSource::kFile);
  }
}

void Driver::init_peer_table(net::TimePoint now) {
  if (peers_file_) peers_file_->reload();
  hint_peers_file(now);
  if (announcing_) announcing_->ask_again(now);
  if (introducer_) introducer_->ask_again(now);
  expect_hints();
  node_->try_all_again(now);
}

void Driver::expect_hints() {
  node_->expect_hints((announcing_ && announcing_->listening_for_answers()) || (introducer_ && introducer_->asking()));
}

void Driver::addresses_changed(net::TimePoint now) {
  wire::AddressPolicy policy = address_policy();
  std::vector<ConnectionId> stranded;
  for (const auto& [id, socket] : sockets_) {
    auto local = net::local_endpoint(socket->fd());
    if (!local || local->address.is_unspecified() || !node_->has(id)) continue;
    auto same = [&](const net::Endpoint& own) { return own.address == local->address; };
    if (std::none_of(policy.own.begin(), policy.own.end(), same)) stranded.push_back(id);
  }
  node_->set_policy(std::move(policy));
  // Nothing will ever arrive there again, but the kernel would try for minutes.
  for (ConnectionId id : stranded) node_->closed(now, id, "this host has no longer the address that was used");
}

// --- sockets ---

void Driver::add_acceptor(const net::Endpoint& endpoint) {
  net::Fd fd = listen_at(endpoint);
  if (auto bound = net::local_endpoint(fd.get())) listening_.push_back(*bound);
  acceptors_.push_back(std::make_unique<Acceptor>(
      std::move(fd), log_, [this](net::TimePoint now, net::Accepted accepted) { accept(now, std::move(accepted)); }));
  loop_.add(*acceptors_.back());
}

void Driver::listen(const DriverOptions& options) {
  // Whoever is asked may tell others of us, and those would come and be asked too.
  if (!options.from.empty() && !options.serve) return;
  on_loopback_ = options.listen && options.listen->address.is_loopback();
  const net::Endpoint first{net::Ipv4Address{}, options.serve ? net::kPeerPort : std::uint16_t{0}};
  add_acceptor(options.listen.value_or(first));
  if (options.listen) return;
  try {
    add_acceptor({net::Ipv6Address{}, port()});
  } catch (const std::runtime_error& error) {
    // A host without IPv6, or another's port: IPv4 is enough to be found.
    log_.info(std::string("not listening on IPv6: ") + error.what());
  }
}

void Driver::accept(net::TimePoint now, net::Accepted accepted) {
  std::optional<ConnectionId> id = node_->accepted(now, accepted.remote);
  if (!id) return log_.info("connection from " + accepted.remote.to_string() + " refused: too many");
  add_socket(*id, std::move(accepted.fd), false);
}

void Driver::add_socket(ConnectionId id, net::Fd fd, bool connecting) {
  auto socket = std::make_unique<PeerSocket>(*node_, id, std::move(fd), connecting);
  loop_.add(*socket);
  sockets_[id] = std::move(socket);
}

void Driver::reap_sockets() {
  const auto leaving = [](const auto& entry) { return entry.second->state() == PeerSocket::State::kLeaving; };
  std::ptrdiff_t too_many = std::count_if(sockets_.begin(), sockets_.end(), leaving) - kMostLeaving;
  // The oldest come first.
  for (auto entry = sockets_.begin(); too_many > 0; ++entry) {
    if (!leaving(*entry)) continue;
    entry->second->cut_goodbye_short();
    --too_many;
  }
  std::erase_if(sockets_, [this](const auto& entry) {
    if (entry.second->state() != PeerSocket::State::kClosed) return false;
    loop_.remove(*entry.second);
    return true;
  });
}

// --- actions ---

void Driver::carry_out(Dial& action) {
  auto fd = net::connect_tcp(action.to);
  if (!fd) return node_->dial_failed(now_, action.connection, fd.error().message());
  add_socket(action.connection, std::move(*fd), true);
}

void Driver::carry_out(Close& action) {
  auto found = sockets_.find(action.connection);
  if (found != sockets_.end()) found->second->say_goodbye(std::move(action.last_words), now_);
}

void Driver::carry_out(OpenStore& action) {
  CHECK(store_ && (!action.folder.empty() || home_.has_downloads()));
  store_->open(action);
}

void Driver::carry_out(MakeFolder& action) {
  folders_to_make_.push_back(std::move(action));
  make_folders();
}

/// In one task, as a folder's time would be changed by what is made in it afterwards.
void Driver::make_folders() {
  if (making_folders_ || folders_to_make_.empty()) return;
  making_folders_ = true;
  using Results = std::vector<MadeFolder>;
  auto batch = std::make_shared<std::vector<MakeFolder>>(std::exchange(folders_to_make_, {}));
  auto work = [this, batch] {
    Results results;
    for (const MakeFolder& action : *batch) results.push_back(make_folder(action));
    return results;
  };
  workers_.submit(std::move(work), [this, batch](const Results& results) {
    making_folders_ = false;
    for (std::size_t i = 0; i < batch->size(); ++i) {
      node_->folder_made(now_, (*batch)[i].id, results[i]);
    }
    make_folders();
  });
}

MadeFolder Driver::make_folder(const MakeFolder& action) const {
  const auto failed = [](const net::SystemError& error) {
    return MadeFolder{false, "the folder cannot be made: " + error.message()};
  };
  std::optional<net::Folder> other;
  if (!action.folder.empty()) {
    auto opened = net::Folder::try_open(action.folder, true);
    if (!opened) return failed(opened.error());
    other = *std::move(opened);
  }
  const net::Folder& top = other ? *other : home_.downloads();
  MadeFolder result;
  if (action.pushed) {
    store_->new_folders().look(top, action.path);
    result.there = !store_->new_folders().take(action.path);
  }
  if (auto made = top.make_folders(action.path); !made) return failed(made.error());
  const auto folder = top.subfolder(action.path);
  // One that may not be read is there, and stays as it is.
  if (!folder || result.there) return result;
  if (action.mode != 0) files::set_folder_mode(folder->fd(), action.mode);
  if (action.mtime_s) files::set_mtime(folder->fd(), *action.mtime_s);
  return result;
}

void Driver::carry_out_all() {
  // Carrying one out may lead to others.
  for (Outbox actions = node_->take_actions(); !actions.empty(); actions = node_->take_actions()) {
    for (Action& action : actions) {
      std::visit([this](auto& what) { carry_out(what); }, action);
    }
  }
  if (store_) store_->flush();
  reap_sockets();
  write_records();
}

void Driver::write_records() {
  using operations::to_event;
  using operations::to_json_line;
  const std::vector<Ledger::Fetched> fetched = node_->ledger().take_fetched();
  const std::vector<Ledger::Taken> taken = node_->ledger().take_taken();
  if (fetched.empty() && taken.empty()) return;
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t time = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  std::vector<std::string> lines;
  lines.reserve(fetched.size());
  for (const Ledger::Fetched& record : fetched) lines.push_back(to_json_line(to_event(record, time)));
  for (const std::string& line : lines) ended_downloads_.add(line);
  if (client_log_) client_log_->append(lines);
  lines.clear();
  for (const Ledger::Taken& record : taken) {
    lines.push_back(to_json_line(to_event(record, node_->path_of(record.id), time)));
  }
  if (server_log_) server_log_->append(lines);
}

// --- the disk's answers ---

void Driver::store_opening(TransferId transfer, const StoreOpening& progress) {
  node_->store_opening(now_, transfer, progress);
}

void Driver::store_opened(TransferId transfer, StoreOpened result) {
  node_->store_opened(now_, transfer, std::move(result));
}

void Driver::chunk_stored(TransferId transfer, ChunkStored result) {
  node_->chunk_stored(now_, transfer, std::move(result));
}

void Driver::store_finished(TransferId transfer, StoreFinished result, const std::string& folder,
                            const net::FileStatus& file, files::HashedContent content) {
  if (share_ && result.error.empty() && folder.empty()) {
    share_->add_known(downloads_folder_.value(), result.path, file, std::move(content));
  }
  node_->store_finished(now_, transfer, std::move(result));
}

// --- what we offer ---

const files::Catalog& Driver::catalog() const { return share_ ? share_->catalog() : nothing_shared_; }

bool Driver::growing() const { return share_ && share_->growing(); }

std::shared_ptr<files::Bundle> Driver::bundle_with(const files::ContentId& id) const {
  for (const auto& weak : bundles_) {
    auto bundle = weak.lock();
    if (bundle && bundle->has(id)) return bundle;
  }
  return nullptr;
}

bool Driver::has(const files::ContentId& id) const { return catalog().has_content(id) || bundle_with(id); }

bool Driver::is_shared(const files::CatalogEntry& entry) const {
  // Where both folders have the path, the entry is that of shared/.
  return share_ && shared_folder_ && share_->has_file({*shared_folder_, entry.path});
}

std::string Driver::path_beside(const files::ContentId& id) const {
  const auto bundle = bundle_with(id);
  return bundle ? bundle->path_of(id) : std::string();
}

std::shared_ptr<const net::SendSource> Driver::open(const files::ContentId& id) {
  if (auto file = share_ ? share_->open(id) : nullptr) return file;
  // The file of one push may have changed when that of another has not.
  for (const auto& weak : bundles_) {
    const auto bundle = weak.lock();
    if (auto file = bundle ? bundle->open(id) : nullptr) return file;
  }
  return nullptr;
}

std::shared_ptr<const std::vector<files::Hash>> Driver::layer(const files::ContentId& id) {
  if (auto layer = share_ ? share_->layer(id) : nullptr) return layer;
  const auto bundle = bundle_with(id);
  return bundle ? bundle->layer(id) : nullptr;
}

std::optional<StandingFile> Driver::find(const files::ContentId& id) const {
  const auto place = share_ ? share_->find(id) : std::nullopt;
  if (!place) return std::nullopt;
  return StandingFile{place->folder == shared_folder_ ? home_.path() + "/shared" : "", place->path, share_->layer(id)};
}

std::shared_ptr<const files::PushContents> Driver::offer(std::vector<std::string> paths) {
  open_index();
  std::erase_if(bundles_, [](const auto& weak) { return weak.expired(); });
  auto bundle = files::Bundle::begin(workers_, index_.get(), std::move(paths), worker_threads() + 1);
  bundles_.push_back(bundle);
  return bundle;
}

// --- time ---

std::optional<net::TimePoint> Driver::next_deadline() const {
  std::optional<net::TimePoint> next = net::earlier(node_->deadline(), keep_peers_at_);
  if (share_) next = net::earlier(next, share_->deadline());
  if (announcing_) next = net::earlier(next, announcing_->deadline());
  if (introducer_) next = net::earlier(next, introducer_->deadline());
  for (const auto& acceptor : acceptors_) next = net::earlier(next, acceptor->deadline());
  for (const auto& [id, socket] : sockets_) next = net::earlier(next, socket->deadline());
  return next;
}

void Driver::expire(net::TimePoint now) {
  // First, as they may have something for the node to dial.
  if (announcing_) announcing_->expire(now);
  if (introducer_) introducer_->expire(now);
  expect_hints();
  if (auto at = node_->deadline(); at && *at <= now) node_->expire(now);
  if (share_) {
    if (auto at = share_->deadline(); at && *at <= now) share_->expire(now);
  }
  for (auto& acceptor : acceptors_) acceptor->expire(now);
  for (auto& [id, socket] : sockets_) socket->expire(now);
  keep_peers(now, false);
}

void Driver::keep_peers(net::TimePoint now, bool at_once) {
  if (!peers_file_) return;
  if (node_->membership_revision() != kept_revision_ && !keep_peers_at_) keep_peers_at_ = now + kKeepPeersInterval;
  if (!keep_peers_at_ || (!at_once && *keep_peers_at_ > now)) return;
  keep_peers_at_.reset();
  kept_revision_ = node_->membership_revision();
  peers_file_->add(node_->known_endpoints());
}

net::TimePoint Driver::pass(std::optional<net::TimePoint> deadline) {
  now_ = net::Clock::now();
  carry_out_all();
  now_ = loop_.wait(net::earlier(deadline, next_deadline()));
  expire(now_);
  carry_out_all();
  return now_;
}

void Driver::leave() {
  now_ = net::Clock::now();
  keep_peers(now_, true);
  node_->shut_down(now_);
  carry_out_all();
  if (announcing_) announcing_->say_farewell();
  if (introducer_) introducer_->leave(now_);
  net::TimePoint give_up = now_ + kLeaveTime;
  auto registered = [&] { return introducer_ && !introducer_->left(); };
  while ((!sockets_.empty() || (store_ && !store_->idle()) || !folders_to_make_.empty() || making_folders_ ||
          registered()) &&
         now_ < give_up)
    pass(give_up);
  // The first may have been lost.
  if (announcing_) announcing_->say_farewell();
}

}  // namespace peer
