// SPDX-License-Identifier: MIT
#include <algorithm>

#include "scanner/peer_prober.h"

#include <array>
#include <utility>

#include "net/fd.h"
#include "net/socket.h"

namespace scanner {

class PeerProber::Dial : public net::Pollable {
 public:
  Dial(PeerProber& owner, net::Fd socket, HostTable::Key host, net::TimePoint deadline)
      : owner_(owner), socket_(std::move(socket)), host_(std::move(host)), deadline_(deadline) {}

  int fd() const override { return socket_.get(); }
  bool wants_read() const override { return connected_; }
  bool wants_write() const override { return !connected_; }
  void on_writable(net::TimePoint now) override {
    connected_ = net::connect_result(socket_.get()).ok();
    if (!connected_) owner_.finish(now, *this, false);
  }
  void on_readable(net::TimePoint now) override {
    // The first byte tells a peer: nothing else begins like its list.
    std::array<std::byte, 1> first{};
    const net::IoResult got = net::receive(socket_.get(), first);
    if (got.status == net::IoResult::Status::kWouldBlock) return;
    const bool moved = got.status == net::IoResult::Status::kMoved;
    owner_.finish(now, *this, moved && (first[0] == std::byte{0x10} || first[0] == std::byte{0x11}));
  }

  const HostTable::Key& host() const { return host_; }
  net::TimePoint deadline() const { return deadline_; }

 private:
  PeerProber& owner_;
  net::Fd socket_;
  HostTable::Key host_;
  net::TimePoint deadline_;
  bool connected_ = false;
};

PeerProber::PeerProber(net::SelectLoop& loop, std::uint16_t port, Done done)
    : loop_(loop), port_(port), done_(std::move(done)) {}

PeerProber::~PeerProber() {
  for (const auto& dial : dials_) loop_.remove(*dial);
}

void PeerProber::ask(net::TimePoint now, const HostTable::Key& host) {
  waiting_.push_back(host);
  dial_waiting(now);
}

void PeerProber::dial_waiting(net::TimePoint now) {
  while (!waiting_.empty() && dials_.size() < kParallel) {
    const HostTable::Key host = std::move(waiting_.front());
    waiting_.pop_front();
    auto socket = net::connect_tcp({host.first, port_});
    if (!socket.ok()) {
      done_(now, host, false);
      continue;
    }
    dials_.push_back(std::make_unique<Dial>(*this, std::move(socket).value(), host, now + kPatience));
    loop_.add(*dials_.back());
  }
}

void PeerProber::finish(net::TimePoint now, Dial& dial, bool peer) {
  const HostTable::Key host = dial.host();
  loop_.remove(dial);
  dials_.remove_if([&](const auto& other) { return other.get() == &dial; });
  done_(now, host, peer);
  dial_waiting(now);
}

void PeerProber::expire(net::TimePoint now) {
  while (!dials_.empty() && dials_.front()->deadline() <= now) finish(now, *dials_.front(), false);
}

std::optional<net::TimePoint> PeerProber::deadline() const {
  if (dials_.empty()) return std::nullopt;
  return dials_.front()->deadline();
}

}  // namespace scanner
