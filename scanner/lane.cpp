// SPDX-License-Identifier: MIT
#include "scanner/lane.h"

#include <cstring>

namespace scanner {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);

}  // namespace

Lane::Lane(net::Interface interface, std::unique_ptr<Link> link)
    : interface_(std::move(interface)), link_(std::move(link)) {
  link_->set_handler([this](net::TimePoint now, net::ByteView frame) {
    if (writer_ != nullptr) writer_->write(frame);
    receive(now, frame);
  });
}

void Lane::attach(HostTable& table, CaptureWriter* writer) {
  table_ = &table;
  writer_ = writer;
}

void Lane::look(net::TimePoint now) {
  if (now < look_at_) return;
  if (look_at_ != net::TimePoint{}) link_->look();
  look_at_ = now + kLookEvery;
}

std::string Lane::failure() const {
  return failure_.empty() && link_->gone() ? interface_.name + " went away" : failure_;
}

void Lane::enter_own(net::TimePoint now, const net::IpAddress& address) {
  if (table_->find(interface_.name, address) != nullptr) return;
  Host& self = table_->add_self(interface_.name, address, interface_.mac);
  if (seen_) seen_(now, {HostTable::Change::kNew, &self});
}

void Lane::report(net::TimePoint now, const Sighting& sighting) {
  const HostTable::Seen seen = table_->see(sighting);
  if (seen_) seen_(now, seen);
}

Lane::Transmitted Lane::transmit(std::span<const net::ByteView> frames) {
  const Link::Sent sent = link_->send(frames);
  if (writer_ != nullptr) {
    for (const net::ByteView frame : frames.first(sent.frames)) writer_->write(frame);
  }
  if (sent.error == 0) return {sent.frames, false};
  if (sent.blocked()) {
    ++blocked_;
  } else {
    failure_ = "sending on " + interface_.name + " failed: " + std::strerror(sent.error);
  }
  return {sent.frames, sent.blocked()};
}

}  // namespace scanner
