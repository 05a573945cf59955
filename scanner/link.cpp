// SPDX-License-Identifier: MIT
#include "scanner/link.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>

namespace scanner {
namespace {

// About 30,000 slots of 128 bytes: what arrives in three seconds at 10,000 answers a second, should we not run for that
// long.
constexpr int kBufferBytes = 8 << 20;
// Frames handled in one pass, so that sending is not kept waiting.
constexpr int kFramesPerPass = 512;

[[noreturn]] void fail(int code, const std::string& interface, const std::string& what) {
  throw std::system_error(code, std::generic_category(), "capture on " + interface + ": " + what);
}

}  // namespace

struct Link::Handle {
  explicit Handle(pcap_t* opened) : pcap(opened) {}
  ~Handle() { pcap_close(pcap); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  pcap_t* pcap;
  int fd = -1;
};

Link::Link(const std::string& interface, const std::string& filter, int snap_length, bool all_multicast)
    : index_(if_nametoindex(interface.c_str())) {
  std::array<char, PCAP_ERRBUF_SIZE> reason{};
  pcap_t* opened = pcap_create(interface.c_str(), reason.data());
  if (opened == nullptr) fail(EIO, interface, reason.data());
  handle_ = std::make_unique<Handle>(opened);
  pcap_set_snaplen(opened, snap_length);
  pcap_set_promisc(opened, 0);
  pcap_set_immediate_mode(opened, 1);
  pcap_set_buffer_size(opened, kBufferBytes);
  const int status = pcap_activate(opened);
  if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED) {
    throw PermissionDenied("raw sockets on " + interface + " are not permitted");
  }
  if (status == PCAP_ERROR_NO_SUCH_DEVICE) fail(ENODEV, interface, "no such interface");
  if (status == PCAP_ERROR_IFACE_NOT_UP) fail(ENETDOWN, interface, "the interface is down");
  if (status < 0) fail(EIO, interface, pcap_geterr(opened));
  if (pcap_datalink(opened) != DLT_EN10MB) fail(EOPNOTSUPP, interface, "not an Ethernet-like interface");

  bpf_program program{};
  if (pcap_compile(opened, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    fail(EINVAL, interface, pcap_geterr(opened));
  }
  const int installed = pcap_setfilter(opened, &program);
  pcap_freecode(&program);
  if (installed != 0) fail(EIO, interface, pcap_geterr(opened));
  if (pcap_setnonblock(opened, 1, reason.data()) != 0) fail(EIO, interface, reason.data());
  handle_->fd = pcap_get_selectable_fd(opened);
  if (!net::fits_select(handle_->fd)) fail(EMFILE, interface, "too many open files for select()");

  if (all_multicast) {
    packet_mreq membership{};
    membership.mr_ifindex = static_cast<int>(index_);
    membership.mr_type = PACKET_MR_ALLMULTI;
    if (setsockopt(handle_->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) {
      fail(errno, interface, "listen to multicast");
    }
  }
  const int on = 1;
  // Our own requests would fill the ring, sixteen times as many as there are answers in a sparse network. Kernels
  // before 4.20 cannot leave them out; then they are told by their sender.
  (void)setsockopt(handle_->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  if (setsockopt(handle_->fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) != 0) {
    fail(errno, interface, "lock the filter");
  }
}

Link::~Link() = default;

int Link::fd() const { return handle_->fd; }

bool Link::Sent::blocked() const {
  return error == ENOBUFS || error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOMEM;
}

Link::Sent Link::send(std::span<const net::ByteView> frames) {
  std::array<mmsghdr, kMaxBatch> messages{};
  std::array<iovec, kMaxBatch> parts{};
  const std::size_t count = std::min(frames.size(), kMaxBatch);
  for (std::size_t i = 0; i < count; ++i) {
    // sendmsg does not write to what it is given; its type just cannot say so.
    parts.at(i) = {const_cast<std::byte*>(frames[i].data()), frames[i].size()};
    messages.at(i).msg_hdr.msg_iov = &parts.at(i);
    messages.at(i).msg_hdr.msg_iovlen = 1;
  }
  Sent sent;
  while (sent.frames < count) {
    const int more =
        sendmmsg(handle_->fd, &messages.at(sent.frames), static_cast<unsigned>(count - sent.frames), MSG_DONTWAIT);
    if (more <= 0) {
      sent.error = errno;
      break;
    }
    sent.frames += static_cast<std::size_t>(more);
  }
  return sent;
}

std::uint64_t Link::dropped() const {
  pcap_stat stats{};
  if (pcap_stats(handle_->pcap, &stats) != 0) return 0;
  return stats.ps_drop;
}

void Link::look() {
  // By its number: it may have got another name.
  std::array<char, IF_NAMESIZE> name{};
  gone_ = if_indextoname(index_, name.data()) == nullptr;
}

void Link::on_readable(net::TimePoint now) {
  struct Pass {
    Link* link;
    net::TimePoint now;
    std::exception_ptr failure;
  } pass{this, now, nullptr};
  const int handled = pcap_dispatch(
      handle_->pcap, kFramesPerPass,
      [](u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
        auto& current = *reinterpret_cast<Pass*>(user);
        if (current.failure || !current.link->handler_) return;
        try {
          current.link->handler_(current.now, std::as_bytes(std::span(bytes, header->caplen)));
        } catch (...) {
          // An exception may not pass through libpcap's frames.
          current.failure = std::current_exception();
        }
      },
      reinterpret_cast<u_char*>(&pass));
  if (pass.failure) std::rethrow_exception(pass.failure);
  if (handled == PCAP_ERROR) look();
}

}  // namespace scanner
