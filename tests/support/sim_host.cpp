// SPDX-License-Identifier: MIT
#include "tests/support/sim_host.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "net/check.h"
#include "tests/support/sim_network.h"

namespace support {
namespace {

/// Between something becoming ready and the loop's pass that handles it.
constexpr net::Duration kWakeMin = std::chrono::microseconds(20);
constexpr net::Duration kWakeMax = std::chrono::microseconds(120);
/// Bytes read from one connection in a pass.
constexpr std::size_t kReadBudget = 256 * 1024;

}  // namespace

SimHost::SimHost(SimNetwork& network, std::size_t number, Spec spec)
    : network_(network),
      number_(number),
      spec_(std::move(spec)),
      up_(network.events(), spec_.up_bytes_per_second, spec_.quantum),
      down_(network.events(), spec_.down_bytes_per_second, spec_.quantum),
      store_(network.memory(), library_) {
  for (std::size_t i = 0; i < hello_.public_key.size(); i += sizeof(std::uint64_t)) {
    const std::uint64_t word = network_.events().random();
    std::memcpy(hello_.public_key.data() + i, &word, sizeof word);
  }
  hello_.port = spec_.listens.port;
  hello_.name = spec_.name;
  node_id_ = peer::wire::node_id(hello_);
}

void SimHost::trace(std::string_view what, std::uint64_t first, std::uint64_t second) {
  network_.trace().event(network_.elapsed(), what, number_, first, second);
}

// --- the process ----------------------------------------------------------------------------------------------------

void SimHost::start() {
  CHECK(!running());
  ++incarnation_;
  trace("start", incarnation_);
  peer::Node::Config config = spec_.node;
  config.hello = hello_;
  config.hello.instance = network_.events().random();
  config.seed = network_.events().random();
  config.policy.own = {spec_.listens};
  node_ = std::make_unique<peer::Node>(std::move(config), library_, network_.now());
  wake();
}

void SimHost::kill() {
  if (!running()) return;
  trace("kill");
  end_process();
}

void SimHost::stop() {
  if (!running()) return;
  leaving_ = true;
  wake();
}

void SimHost::end_process() {
  for (const auto& [id, open] : open_) network_.reset_by(open.socket.number, number_, "connection reset by peer");
  open_.clear();
  by_number_.clear();
  ready_.clear();
  inbox_.clear();
  pass_at_.reset();
  deadline_.reset();
  leaving_ = false;
  node_.reset();
  store_.forget_transfers();
}

void SimHost::set_reachable(bool reachable) {
  trace(reachable ? "reachable" : "unreachable");
  up_.set_up(reachable);
  down_.set_up(reachable);
}

void SimHost::use(Use what) {
  if (!running()) return;
  inbox_.push_back(std::move(what));
  wake();
}

// --- connections come and go ----------------------------------------------------------------------------------------

bool SimHost::accept(const net::Endpoint& remote, SimSocket socket) {
  const auto id = node_->accepted(network_.now(), remote);
  trace(id ? "accept" : "refuse", socket.number, socket.other_host);
  if (id) add(*id, std::move(socket));
  wake();
  return id.has_value();
}

void SimHost::dialled(unsigned incarnation, peer::ConnectionId id, SimSocket socket) {
  if (incarnation != incarnation_ || !running()) {
    return network_.reset_by(socket.number, number_, "connection reset by peer");
  }
  if (!node_->has(id)) return hang_up(socket);
  trace("dialled", socket.number, socket.other_host);
  add(id, std::move(socket));
  use([id](peer::Node& node, net::TimePoint now) { node.dialled(now, id); });
}

void SimHost::dial_failed(unsigned incarnation, peer::ConnectionId id, const std::string& reason) {
  if (incarnation != incarnation_) return;
  trace("dial failed", id);
  use([id, reason](peer::Node& node, net::TimePoint now) {
    if (node.has(id)) node.dial_failed(now, id, reason);
  });
}

void SimHost::reset(std::uint64_t connection, const std::string& reason) {
  auto found = by_number_.find(connection);
  if (found == by_number_.end()) return;
  open_.at(found->second).failed = reason;
  mark_ready(found->second);
  wake();
}

void SimHost::add(peer::ConnectionId id, SimSocket socket) {
  socket.in->on_readable = [this, id] {
    mark_ready(id);
    wake();
  };
  socket.out->on_writable = [this] { wake(); };
  by_number_.emplace(socket.number, id);
  const bool readable = socket.in->readable() > 0 || socket.in->at_end();
  open_[id].socket = std::move(socket);
  if (readable) mark_ready(id);
}

void SimHost::mark_ready(peer::ConnectionId id) {
  auto found = open_.find(id);
  if (found == open_.end() || std::exchange(found->second.ready, true)) return;
  ready_.push_back(id);
}

void SimHost::hang_up(const SimSocket& socket) {
  socket.out->on_writable = nullptr;
  socket.out->finish();
  socket.in->stop_reading();
  network_.closed_by(socket.number, number_);
}

void SimHost::forget(peer::ConnectionId id) {
  auto found = open_.find(id);
  trace("close", found->second.socket.number);
  hang_up(found->second.socket);
  by_number_.erase(found->second.socket.number);
  open_.erase(found);
}

// --- a pass of the loop ---------------------------------------------------------------------------------------------

void SimHost::wake() { wake_at(network_.now() + network_.events().between(kWakeMin, kWakeMax)); }

void SimHost::wake_at(net::TimePoint when) {
  if (!running() || (pass_at_ && *pass_at_ <= when)) return;
  pass_at_ = when;
  network_.events().at(when, [this, when] {
    if (running() && pass_at_ == when) pass();
  });
}

void SimHost::pass() {
  const net::TimePoint now = network_.now();
  ++passes_;
  pass_at_.reset();
  bool worked = handle_inbox(now);
  worked |= read_all(now);
  if (deadline_ && *deadline_ <= now) node_->expire(now);
  if (leaving_) node_->shut_down(now);
  worked |= settle(now);
  if (leaving_) return end_process();
  plan_next_pass(now, worked);
}

void SimHost::plan_next_pass(net::TimePoint now, bool worked) {
  // Where there is room now for what waits to be read, a real loop finds it readable at once.
  if (std::any_of(ready_.begin(), ready_.end(),
                  [this](auto id) { return node_->has(id) && !node_->space(id).empty(); })) {
    wake();
  }
  deadline_ = node_->deadline();
  if (!deadline_) return;
  if (*deadline_ > now) return wake_at(*deadline_);
  if (!worked) ++spins_;
  wake_at(now + std::chrono::milliseconds(1));
}

bool SimHost::handle_inbox(net::TimePoint now) {
  const std::vector<Use> inbox = std::exchange(inbox_, {});
  for (const Use& what : inbox) what(*node_, now);
  return !inbox.empty();
}

bool SimHost::read_all(net::TimePoint now) {
  std::vector<peer::ConnectionId> ready = std::exchange(ready_, {});
  for (std::size_t i = ready.size(); i > 1; --i) std::swap(ready[i - 1], ready[network_.events().below(i)]);
  bool worked = false;
  for (const peer::ConnectionId id : ready) {
    auto found = open_.find(id);
    if (found == open_.end()) continue;
    found->second.ready = false;
    worked |= read_one(now, id, found->second);
  }
  return worked;
}

bool SimHost::read_one(net::TimePoint now, peer::ConnectionId id, Open& open) {
  SimStream& in = *open.socket.in;
  std::size_t budget = kReadBudget;
  bool worked = false;
  while (node_->has(id) && !open.failed && in.readable() > 0 && budget > 0) {
    const std::span<std::byte> space = node_->space(id);
    if (space.empty()) {
      mark_ready(id);  // For the next pass; nothing can change before one.
      return worked;
    }
    const std::size_t count = cut_at_random(std::min({space.size(), in.readable(), budget}));
    in.read(space.first(count));
    trace("read", open.socket.number, count);
    bytes_read_ += count;
    budget -= count;
    worked = true;
    node_->received(now, id, count);
  }
  if (!node_->has(id)) return worked;  // Its Close is among the actions.
  if (open.failed || in.at_end()) {
    node_->closed(now, id, open.failed.value_or("closed by the other end"));
    forget(id);
    return true;
  }
  if (in.readable() > 0) {
    mark_ready(id);
    wake();
  }
  return worked;
}

bool SimHost::settle(net::TimePoint now) {
  for (bool worked = false;; worked = true) {
    peer::Outbox actions = node_->take_actions();
    for (peer::Action& action : actions) carry_out(action);
    const bool wrote = write_all(now);
    if (actions.empty() && !wrote) return worked;
  }
}

bool SimHost::write_all(net::TimePoint now) {
  bool wrote = false;
  for (auto& [id, open] : open_) wrote |= write_one(now, id, open);
  return wrote;
}

bool SimHost::write_one(net::TimePoint now, peer::ConnectionId id, Open& open) {
  bool wrote = false;
  while (node_->has(id)) {
    net::SendQueue& queue = node_->queue(id);
    if (queue.empty()) break;
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(open.socket.out->room(), node_->may_send(id)));
    if (room == 0) break;
    const net::SendQueue::Front front = queue.front();
    const auto* bytes = std::get_if<net::ByteView>(&front);
    const std::uint64_t size = bytes ? bytes->size() : std::get<net::FileRange>(front).length;
    const std::size_t count = cut_at_random(static_cast<std::size_t>(std::min<std::uint64_t>(size, room)));
    write_front(front, count, open);
    queue.consume(count);
    node_->sent(now, id, count);
    wrote = true;
  }
  return wrote;
}

void SimHost::write_front(const net::SendQueue::Front& front, std::size_t count, Open& open) {
  trace("write", open.socket.number, count);
  if (const auto* bytes = std::get_if<net::ByteView>(&front)) {
    const net::ByteView part = bytes->first(count);
    network_.trace().content(part);
    open.meter.bytes(part, traffic_);
    open.socket.out->write(part);
    return;
  }
  const auto& range = std::get<net::FileRange>(front);
  const auto* source = dynamic_cast<const MemorySource*>(range.source.get());
  CHECK(source != nullptr);
  open.meter.file(count, traffic_);
  for (std::size_t done = 0; done < count;) {
    MemorySource::Part part = source->part(range.offset + done, count - done);
    done += part.count;
    open.socket.out->write(std::move(part.of), part.offset, part.count);
  }
}

std::size_t SimHost::cut_at_random(std::size_t count) {
  if (!spec_.split_bytes || count < 2) return count;
  SimEvents& events = network_.events();
  switch (events.below(8)) {
    case 0:
      return 1 + static_cast<std::size_t>(events.below(std::min<std::size_t>(count, 16)));
    case 1:
      return 1 + static_cast<std::size_t>(events.below(count));
    default:
      return count;
  }
}

// --- actions --------------------------------------------------------------------------------------------------------

void SimHost::carry_out(peer::Action& action) {
  if (auto* dial = std::get_if<peer::Dial>(&action)) {
    trace("dial", dial->connection);
    network_.dial(*this, dial->connection, dial->to);
  } else if (auto* closing = std::get_if<peer::Close>(&action)) {
    close(*closing);
  } else if (auto* layer = std::get_if<peer::SetLayer>(&action)) {
    store_.set_layer(std::move(*layer));
  } else if (auto* folder = std::get_if<peer::MakeFolder>(&action)) {
    use([id = folder->id](peer::Node& node, net::TimePoint now) { node.folder_made(now, id, {}); });
  } else if (auto* release = std::get_if<peer::ReleaseStore>(&action)) {
    store_.release(*release);
  } else if (auto* opening = std::get_if<peer::OpenStore>(&action)) {
    after_disk(0, [this, opening = *opening] {
      trace("opened", opening.transfer);
      use([id = opening.transfer, result = store_.open(opening)](peer::Node& node, net::TimePoint now) {
        node.store_opened(now, id, result);
      });
    });
  } else if (auto* chunk = std::get_if<peer::StoreChunk>(&action)) {
    const std::size_t size = chunk->data.size;
    after_disk(size, [this, chunk = std::make_shared<peer::StoreChunk>(std::move(*chunk))] {
      auto result = std::make_shared<peer::ChunkStored>(store_.store(std::move(*chunk)));
      trace("stored", chunk->chunk, static_cast<std::uint64_t>(result->outcome));
      use([id = chunk->transfer, result](peer::Node& node, net::TimePoint now) {
        node.chunk_stored(now, id, std::move(*result));
      });
    });
  } else if (auto* finish = std::get_if<peer::FinishStore>(&action)) {
    after_disk(0, [this, finish = *finish] {
      trace("finished", finish.transfer);
      use([id = finish.transfer, result = store_.finish(finish)](peer::Node& node, net::TimePoint now) {
        node.store_finished(now, id, result);
        node.library_changed(now);
      });
    });
  }
}

template <class Answer>
void SimHost::after_disk(std::uint64_t bytes, Answer answer) {
  const FakeStore::Behaviour& disk = store_.behaviour;
  const std::chrono::duration<double> writing(static_cast<double>(bytes) / disk.bytes_per_second);
  network_.events().after(network_.events().between(disk.latency_min, disk.latency_max) +
                              std::chrono::duration_cast<net::Duration>(writing),
                          [this, incarnation = incarnation_, answer] {
                            if (incarnation == incarnation_ && running()) answer();
                          });
}

void SimHost::close(peer::Close& action) {
  auto found = open_.find(action.connection);
  if (found == open_.end()) return;  // A dial that is not through: hung up when it is.
  Open& open = found->second;
  net::SendQueue& words = action.last_words;
  while (!words.empty() && open.socket.out->room() > 0) {
    const net::SendQueue::Front front = words.front();
    const auto* bytes = std::get_if<net::ByteView>(&front);
    const std::uint64_t size = bytes ? bytes->size() : std::get<net::FileRange>(front).length;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, open.socket.out->room()));
    write_front(front, count, open);
    words.consume(count);
  }
  forget(action.connection);
}

}  // namespace support
