// SPDX-License-Identifier: MIT
// Plays any number of hosts on one interface: answers ARP requests for their addresses, late, twice, not at all or
// wrongly, as the command line says. It says "ready" when it listens. Signals change the first host, for tests of
// watching: SIGUSR1 makes it leave and come back, SIGUSR2 gives it another MAC. It shares no code with the scanner.
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <numeric>
#include <queue>
#include <random>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/fd.h"
#include "net/time.h"

namespace {

using net::Ipv4Address;
using net::MacAddress;

struct Settings {
  std::string interface;
  std::string network;
  std::uint32_t count = 40;
  std::vector<std::string> except;
  unsigned delay_ms = 0;
  double slow_percent = 0;
  unsigned slow_delay_ms = 800;
  double loss_percent = 0;
  std::uint32_t conflicts = 0;
  std::uint32_t proxied = 0;
  bool broadcast = false;
  bool garbage = false;
  unsigned announce_ms = 0;
  unsigned seed = 1;
  std::string vendor = "02:00:00";
  int vlan = -1;
  bool log = false;
  bool list = false;
};

// The hosts' addresses, spread over the network so that neighbours are not alike.
std::vector<std::uint32_t> choose_addresses(const Settings& settings, const net::Ipv4Network& network) {
  const std::uint32_t first = network.base.value + 1;
  const std::uint64_t room = std::uint64_t{network.last().value} - first;
  std::uint64_t stride = std::max<std::uint64_t>(1, room * 618 / 1000);
  while (std::gcd(stride, room) != 1) ++stride;
  std::vector<std::uint32_t> chosen;
  for (std::uint64_t i = 0, at = 0; i < room && chosen.size() < settings.count; ++i, at = (at + stride) % room) {
    const Ipv4Address address{static_cast<std::uint32_t>(first + at)};
    const auto& except = settings.except;
    if (std::find(except.begin(), except.end(), address.to_string()) == except.end()) chosen.push_back(address.value);
  }
  return chosen;
}

struct Request {
  MacAddress asker;
  Ipv4Address asker_address;
  Ipv4Address target;
};

class Responder {
 public:
  Responder(Settings settings, const net::Ipv4Network& network, int interface_index, net::Fd socket)
      : settings_(std::move(settings)),
        network_(network),
        index_(interface_index),
        socket_(std::move(socket)),
        random_(settings_.seed) {
    const auto prefix = MacAddress::parse(settings_.vendor + ":00:00:00");
    if (!prefix) throw std::runtime_error("--vendor: write it like 00:1b:21");
    prefix_ = *prefix;
    hosts_ = choose_addresses(settings_, network_);
    place_.assign(std::size_t{1} << (32 - network_.prefix), -1);
    for (std::size_t i = 0; i < hosts_.size(); ++i) place_[hosts_[i] - network_.base.value] = static_cast<int>(i);
  }

  void list() const {
    for (const std::uint32_t host : hosts_) std::cout << Ipv4Address{host}.to_string() << '\n';
  }

  void run(const volatile std::sig_atomic_t& toggles, const volatile std::sig_atomic_t& changes,
           const volatile std::sig_atomic_t& stop) {
    net::TimePoint announce_at = net::Clock::now();
    while (stop == 0) {
      const net::TimePoint now = net::Clock::now();
      if (settings_.announce_ms > 0 && now >= announce_at) {
        announce_at = now + std::chrono::milliseconds(settings_.announce_ms);
        announce();
      }
      first_gone_ = toggles % 2 == 1;
      first_changed_ = changes % 2 == 1;
      send_due(now);
      wait_for_frames(now, announce_at);
      receive();
      flush();
    }
  }

 private:
  MacAddress mac_of(std::size_t host) const {
    MacAddress mac = prefix_;
    mac.octets[3] = static_cast<std::uint8_t>(host >> 16);
    mac.octets[4] = static_cast<std::uint8_t>(host >> 8 & 0xff);
    mac.octets[5] = static_cast<std::uint8_t>(host & 0xff);
    if (host == 0 && first_changed_) mac.octets[3] = 0xcc;
    return mac;
  }
  static MacAddress proxy_mac() { return {{0x02, 0xfe, 0, 0, 0, 1}}; }

  bool chance(double percent) { return percent > 0 && std::uniform_real_distribution<>(0, 100)(random_) < percent; }

  void wait_for_frames(net::TimePoint now, net::TimePoint announce_at) const {
    net::TimePoint until = now + std::chrono::milliseconds(100);
    if (!due_.empty()) until = std::min(until, due_.top().first);
    if (settings_.announce_ms > 0) until = std::min(until, announce_at);
    const auto wait = std::max(net::Duration{}, until - now);
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(socket_.get(), &readable);
    timeval timeout{};
    timeout.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(wait).count();
    timeout.tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(wait).count() % 1'000'000;
    (void)select(socket_.get() + 1, &readable, nullptr, nullptr, &timeout);
  }

  void receive() {
    constexpr unsigned kBatch = 64;
    static std::array<std::array<std::uint8_t, 64>, kBatch> buffers;
    std::array<iovec, kBatch> parts{};
    std::array<mmsghdr, kBatch> messages{};
    for (unsigned i = 0; i < kBatch; ++i) {
      parts[i] = {buffers[i].data(), buffers[i].size()};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (;;) {
      const int count = recvmmsg(socket_.get(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
      if (count <= 0) return;
      const net::TimePoint now = net::Clock::now();
      for (int i = 0; i < count; ++i) {
        const auto& frame = buffers[static_cast<std::size_t>(i)];
        if (messages[static_cast<std::size_t>(i)].msg_len >= 42 && frame[21] == 1) answer(now, read(frame));
      }
      if (queue_.size() >= 256) flush();
    }
  }

  static Request read(const std::array<std::uint8_t, 64>& frame) {
    Request request;
    std::copy_n(frame.begin() + 22, 6, request.asker.octets.begin());
    const auto number = [&](std::size_t at) {
      return Ipv4Address{std::uint32_t{frame[at]} << 24 | std::uint32_t{frame[at + 1]} << 16 |
                         std::uint32_t{frame[at + 2]} << 8 | frame[at + 3]};
    };
    request.asker_address = number(28);
    request.target = number(38);
    return request;
  }

  void answer(net::TimePoint now, const Request& request) {
    if (!network_.contains(request.target)) return;
    const int host = place_[request.target.value - network_.base.value];
    if (host < 0) {
      // The network's first addresses that no host has are spoken for by the proxy.
      if (request.target.value - network_.base.value <= settings_.proxied) reply(request, proxy_mac());
      if (settings_.garbage) send_garbage(request);
      return;
    }
    const auto number = static_cast<std::size_t>(host);
    if (number == 0 && first_gone_) return;
    if (chance(settings_.loss_percent)) return;
    const bool slow = static_cast<double>(number % 100) < settings_.slow_percent;
    const unsigned delay = slow ? settings_.slow_delay_ms : settings_.delay_ms;
    if (delay > 0) {
      due_.emplace(now + std::chrono::milliseconds(delay), std::pair(number, request));
    } else {
      reply(request, mac_of(number));
    }
    if (number < settings_.conflicts) {
      MacAddress other = mac_of(number);
      other.octets[3] = 0xee;
      reply(request, other);
    }
  }

  void send_due(net::TimePoint now) {
    while (!due_.empty() && due_.top().first <= now) {
      const auto [number, request] = due_.top().second;
      due_.pop();
      reply(request, mac_of(number));
    }
    flush();
  }

  static net::Bytes frame(const MacAddress& to, const MacAddress& from, std::uint16_t operation,
                          const MacAddress& sender, Ipv4Address address, const MacAddress& target,
                          Ipv4Address target_address) {
    net::ByteWriter out;
    const auto put = [&](const MacAddress& mac) { out.bytes(std::as_bytes(std::span(mac.octets))); };
    put(to);
    put(from);
    out.u16(0x0806).u16(1).u16(0x0800).u8(6).u8(4).u16(operation);
    put(sender);
    out.u32(address.value);
    put(target);
    out.u32(target_address.value);
    return std::move(out).take();
  }

  void reply(const Request& request, const MacAddress& mac) {
    const MacAddress to = settings_.broadcast ? MacAddress{{255, 255, 255, 255, 255, 255}} : request.asker;
    net::Bytes reply = frame(to, mac, 2, mac, request.target, request.asker, request.asker_address);
    if (settings_.vlan >= 0) reply = tagged(std::move(reply), settings_.vlan);
    queue_.push_back(std::move(reply));
    if (settings_.log) log_.push_back(request.target);
  }

  // With an 802.1Q tag of the VLAN; 0 makes it a priority tag.
  static net::Bytes tagged(net::Bytes frame, int vlan) {
    const std::array<std::byte, 4> tag = {std::byte{0x81}, std::byte{0}, static_cast<std::byte>(vlan >> 8),
                                          static_cast<std::byte>(vlan & 0xff)};
    frame.insert(frame.begin() + 12, tag.begin(), tag.end());
    return frame;
  }

  // Replies that each have one fault, for an address where nobody is: a scanner that takes one shows a phantom.
  void send_garbage(const Request& request) {
    const MacAddress mac{{0x02, 0xba, 0xdb, 0xad, 0, 1}};
    const net::Bytes good = frame(request.asker, mac, 2, mac, request.target, request.asker, request.asker_address);
    for (const std::size_t length : {14U, 15U, 20U, 28U, 41U}) {
      queue_.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    }
    const auto spoil = [&](std::size_t at, int value) {
      net::Bytes bad = good;
      bad.at(at) = static_cast<std::byte>(value);
      queue_.push_back(std::move(bad));
    };
    spoil(15, 6);     // hardware type
    spoil(16, 0x86);  // protocol type
    spoil(18, 8);     // length of a MAC
    spoil(19, 16);    // length of an address
    spoil(21, 9);     // operation
    spoil(22, 0x03);  // a multicast sender
    queue_.push_back(tagged(good, 42));
  }

  // Every second host tells its own address, the others ask for the network's first one.
  void announce() {
    const MacAddress all{{255, 255, 255, 255, 255, 255}};
    for (std::size_t i = first_gone_ ? 1 : 0; i < hosts_.size(); ++i) {
      const Ipv4Address target{i % 2 == 0 ? hosts_[i] : network_.base.value + 1};
      queue_.push_back(frame(all, mac_of(i), 1, mac_of(i), {hosts_[i]}, {}, target));
    }
  }

  void flush() {
    constexpr std::size_t kBatch = 64;
    // By the wall clock, which other programs read too.
    const std::chrono::duration<double> sent_at = std::chrono::system_clock::now().time_since_epoch();
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_ifindex = index_;
    for (std::size_t done = 0; done < queue_.size();) {
      std::array<iovec, kBatch> parts{};
      std::array<mmsghdr, kBatch> messages{};
      const std::size_t count = std::min(kBatch, queue_.size() - done);
      for (std::size_t i = 0; i < count; ++i) {
        parts[i] = {queue_[done + i].data(), queue_[done + i].size()};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &place;
        messages[i].msg_hdr.msg_namelen = sizeof place;
      }
      const int sent = sendmmsg(socket_.get(), messages.data(), static_cast<unsigned>(count), 0);
      if (sent <= 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "send");
      }
      done += static_cast<std::size_t>(std::max(0, sent));
    }
    queue_.clear();
    if (log_.empty()) return;
    for (const Ipv4Address address : log_) std::printf("%s %.6f\n", address.to_string().c_str(), sent_at.count());
    std::fflush(stdout);
    log_.clear();
  }

  struct Later {
    bool operator()(const auto& a, const auto& b) const { return a.first > b.first; }
  };
  using Due = std::pair<net::TimePoint, std::pair<std::size_t, Request>>;

  Settings settings_;
  net::Ipv4Network network_;
  int index_;
  net::Fd socket_;
  std::mt19937 random_;
  MacAddress prefix_;
  std::vector<std::uint32_t> hosts_;
  std::vector<int> place_;  ///< By address - base: the host's number, or -1.
  std::priority_queue<Due, std::vector<Due>, Later> due_;
  std::vector<net::Bytes> queue_;
  std::vector<Ipv4Address> log_;  ///< Whose answers are in the queue, with --log.
  bool first_gone_ = false;
  bool first_changed_ = false;
};

net::Fd open_socket(int index) {
  net::Fd socket_fd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ARP)));
  if (!socket_fd) throw std::system_error(errno, std::generic_category(), "raw socket");
  const int on = 1;
  const int buffer = 64 << 20;
  (void)setsockopt(socket_fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  (void)setsockopt(socket_fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  (void)setsockopt(socket_fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(ETH_P_ARP);
  place.sll_ifindex = index;
  if (bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&place), sizeof place) != 0) {
    throw std::system_error(errno, std::generic_category(), "bind");
  }
  return socket_fd;
}

volatile std::sig_atomic_t toggles = 0;
volatile std::sig_atomic_t changes = 0;
volatile std::sig_atomic_t stop = 0;

void handle(int signal) {
  if (signal == SIGUSR1) toggles = toggles + 1;
  if (signal == SIGUSR2) changes = changes + 1;
  if (signal == SIGTERM || signal == SIGINT) stop = 1;
}

void declare(CLI::App& app, Settings& settings) {
  app.add_option("interface", settings.interface)->required();
  app.add_option("--network", settings.network, "Where the hosts live")->required();
  app.add_option("--count", settings.count, "How many there are");
  app.add_option("--except", settings.except, "Addresses that are taken already");
  app.add_option("--delay", settings.delay_ms, "Milliseconds before each answer");
  app.add_option("--slow", settings.slow_percent, "Per cent of the hosts that answer late");
  app.add_option("--slow-delay", settings.slow_delay_ms, "How late, in milliseconds");
  app.add_option("--loss", settings.loss_percent, "Per cent of the requests that get no answer");
  app.add_option("--conflicts", settings.conflicts, "Hosts whose address a second machine claims");
  app.add_option("--proxy", settings.proxied, "First addresses that one machine answers for where nobody is");
  app.add_flag("--broadcast", settings.broadcast, "Send answers to everybody");
  app.add_flag("--garbage", settings.garbage, "Answer for absent hosts with malformed frames");
  app.add_option("--announce", settings.announce_ms, "Speak unasked every so many milliseconds");
  app.add_option("--vendor", settings.vendor, "First half of the hosts' MACs");
  app.add_option("--vlan", settings.vlan, "Answer with frames tagged for this VLAN (0: with a priority tag)")
      ->check(CLI::Range(0, 4094));
  app.add_flag("--log", settings.log, "Print whose answer was sent when, in seconds since 1970");
  app.add_option("--seed", settings.seed);
  app.add_flag("--list", settings.list, "Print the hosts' addresses and exit");
}

void play(const Settings& settings) {
  const auto network = net::Ipv4Network::parse(settings.network);
  if (!network || network->prefix > 30) throw std::runtime_error("--network: write it like 10.0.0.0/24");
  if (settings.list) return Responder(settings, *network, 0, net::Fd()).list();
  const int index = static_cast<int>(if_nametoindex(settings.interface.c_str()));
  if (index == 0) throw std::system_error(errno, std::generic_category(), settings.interface);
  Responder responder(settings, *network, index, open_socket(index));
  for (const int signal : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT}) std::signal(signal, handle);
  std::cout << "ready" << std::endl;
  responder.run(toggles, changes, stop);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Plays hosts that answer ARP requests");
  declare(app, settings);
  CLI11_PARSE(app, argc, argv);
  try {
    play(settings);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "arp_responder: " << error.what() << '\n';
    return 1;
  }
}
