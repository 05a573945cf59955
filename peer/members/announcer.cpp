// SPDX-License-Identifier: MIT
#include "peer/members/announcer.h"

#include <algorithm>

namespace peer::members {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// From the start, for one that listens.
constexpr std::array<net::Duration, 3> kBurst = {milliseconds(100), milliseconds(500), seconds(2)};
/// For one that only asks: somebody waits for the answer.
constexpr std::array<net::Duration, 2> kQuestions = {milliseconds(0), milliseconds(150)};
/// How long after the start answers are waited for. They come within milliseconds, but Wi-Fi holds broadcasts back for
/// up to 300 ms while a station sleeps.
constexpr net::Duration kAnswerTime = milliseconds(500);
constexpr net::Duration kAnswerTimeServing = milliseconds(900);
/// The larger id gives the smaller one this long to dial.
constexpr net::Duration kYield = seconds(1);
/// Link-local IPv6 is the last resort: those addresses mean nothing to others when they are passed on.
constexpr net::Duration kLinkLocalDelay = milliseconds(1500);
constexpr net::Duration kLinkLocalDelayAsking = milliseconds(150);
/// A probe has ended by then (Node gives up after 5 s).
constexpr net::Duration kProbeTime = seconds(6);
/// The same announcement comes over several ways at once; one answer is enough.
constexpr net::Duration kAnswerPause = milliseconds(100);
constexpr double kAnswersPerSecond = 200;
constexpr double kAnswersAtOnce = 300;
/// More do not fit a datagram.
constexpr std::size_t kMaxFiles = 64;

bool is_link_local_v6(const net::IpAddress& address) { return address.v6() != nullptr && address.is_link_local(); }

}  // namespace

Announcer::Announcer(Config config, const Library& library, net::TimePoint now)
    : config_(std::move(config)),
      library_(library),
      random_(config_.seed),
      answers_until_(now + answer_time()),
      limits_(now),
      answer_allowance_(kAnswersPerSecond, kAnswersAtOnce, now) {
  schedule_next(now);
}

// --- what we say ---

net::Duration Announcer::jittered(net::Duration duration, double by) {
  std::uniform_real_distribution<double> factor(1 - by, 1 + by);
  return std::chrono::duration_cast<net::Duration>(duration * factor(random_));
}

void Announcer::schedule_next(net::TimePoint now) {
  const std::size_t steps = config_.port == 0 ? kQuestions.size() : kBurst.size();
  if (burst_step_ >= steps) {
    next_ = now + jittered(kInterval, 0.2);
    return;
  }
  auto at = [&](std::size_t step) { return config_.port == 0 ? kQuestions[step] : kBurst[step]; };
  const net::Duration gap = burst_step_ == 0 ? at(0) : at(burst_step_) - at(burst_step_ - 1);
  // Hosts that are switched on together must not all speak in the same moment.
  next_ = now + jittered(gap, burst_step_ == 0 ? 0.5 : 0.2);
}

Announcement Announcer::own(bool with_files) const {
  const files::Catalog& catalog = library_.catalog();
  Announcement out;
  out.id = config_.id;
  out.instance = config_.instance;
  out.user = config_.user;
  out.port = config_.port;
  out.revision = catalog.revision();
  out.count = catalog.file_count();
  if (!with_files) return out;
  for (const files::CatalogEntry* entry : catalog.page("", kMaxFiles)) {
    if (entry->kind == files::CatalogEntry::Kind::kFile) out.files.push_back({entry->path, entry->id.length});
  }
  return out;
}

void Announcer::announce(net::TimePoint now) {
  const bool first = burst_step_ < (config_.port == 0 ? kQuestions.size() : kBurst.size());
  const std::uint64_t revision = library_.catalog().revision();
  auto datagram = encode_announcement(own(first || told_revision_ != revision));
  told_revision_ = revision;
  if (datagram) {
    if (first && datagram->size() < kQuestionSize) datagram->resize(kQuestionSize, ' ');
    actions_.emplace_back(Send{std::move(*datagram), std::nullopt});
  }
  if (first) ++burst_step_;
  schedule_next(now);
}

void Announcer::ask_again(net::TimePoint now) {
  interfaces_changed(now);
  answers_until_ = now + answer_time();
}

net::Duration Announcer::answer_time() const { return config_.port == 0 ? kAnswerTime : kAnswerTimeServing; }

void Announcer::interfaces_changed(net::TimePoint now) {
  burst_step_ = 0;
  const net::TimePoint before = next_;
  schedule_next(now);
  // An interface that comes and goes all the time must not keep us silent.
  next_ = std::min(next_, std::max(before, now));
}

std::optional<std::string> Announcer::farewell() const {
  if (config_.port == 0) return std::nullopt;
  Announcement leave;
  leave.op = Announcement::Op::kLeave;
  leave.id = config_.id;
  leave.instance = config_.instance;
  return encode_announcement(leave);
}

void Announcer::answer(net::TimePoint now, Heard& heard, const net::Endpoint& to, std::size_t limit) {
  // The source may be forged: nobody outside the local network is sent anything.
  if (!to.address.is_private_range() || heard.answers >= kMaxAnswers) return;
  if (heard.answered_at && now < *heard.answered_at + kAnswerPause) return;
  if (answer_allowance_.available(now) == 0) return;
  auto datagram = encode_announcement(own(true), limit);
  if (!datagram) return;
  answer_allowance_.spend(1, now);
  ++heard.answers;
  heard.answered_at = now;
  actions_.emplace_back(Send{std::move(*datagram), to});
}

// --- what we hear ---

void Announcer::received(net::TimePoint now, const net::Endpoint& from, bool to_all, net::ByteView datagram) {
  if (!limits_.allow(now, from.address)) return;
  auto announcement = parse_announcement(datagram);
  if (!announcement || announcement->id == config_.id) return;
  if (announcement->op == Announcement::Op::kLeave) return heard_leave(from, *announcement);
  heard_announce(now, from, *announcement, to_all, datagram.size());
}

void Announcer::heard_announce(net::TimePoint now, const net::Endpoint& from, const Announcement& announcement,
                               bool to_all, std::size_t size) {
  const Speaker speaker{from.address, announcement.id};
  bool fresh = false;
  Heard& heard = remember(speaker, fresh);
  if (heard.instance != announcement.instance || heard.port != announcement.port) {
    heard = Heard{announcement.instance, announcement.port, 0, heard.answered_at, now};
    fresh = true;
  }
  heard.last = now;
  forget_at_.set(speaker, now + kForgetAfter);
  if (to_all && config_.port != 0) answer(now, heard, from, size);
  if (announcement.port != 0) consider_dialling(now, speaker, fresh);
}

Announcer::Heard& Announcer::remember(const Speaker& speaker, bool& fresh) {
  if (auto found = heard_.find(speaker); found != heard_.end()) return found->second;
  make_room(speaker.address);
  fresh = true;
  ++heard_at_[speaker.address];
  return heard_[speaker];
}

/// Whoever was not heard of for longest is given up, one at the same address where that has enough of them: a host that
/// makes up nodes, or runs one command after another, is at the expense of itself alone.
void Announcer::make_room(const net::IpAddress& address) {
  auto count = heard_at_.find(address);
  if (count == heard_at_.end() || count->second < kMaxHeardPerAddress) {
    if (heard_.size() < kMaxHeard) return;
    if (auto oldest = forget_at_.pop_due(net::TimePoint::max())) forget(*oldest);
    return;
  }
  auto oldest = heard_.lower_bound(Speaker{address, NodeId{}});
  for (auto at = oldest; at != heard_.end() && at->first.address == address; ++at) {
    if (at->second.last < oldest->second.last) oldest = at;
  }
  forget(Speaker(oldest->first));
}

void Announcer::forget(const Speaker& speaker) {
  heard_.erase(speaker);
  forget_at_.cancel(speaker);
  dial_at_.cancel(speaker);
  auto count = heard_at_.find(speaker.address);
  if (--count->second == 0) heard_at_.erase(count);
}

void Announcer::consider_dialling(net::TimePoint now, const Speaker& speaker, bool fresh) {
  if (config_.connected(speaker.node)) {
    if (!fresh) return;
    // Another way to it, or it has moved or was started again, and the connection is to what was there before.
    actions_.emplace_back(Probe{speaker.node});
    dial_at_.set(speaker, now + kProbeTime);
    return;
  }
  if (dial_at_.armed(speaker)) return;
  net::Duration wait{};
  if (config_.port != 0 && speaker.node < config_.id) wait += kYield;
  if (is_link_local_v6(speaker.address)) wait += config_.port != 0 ? kLinkLocalDelay : kLinkLocalDelayAsking;
  dial_at_.set(speaker, now + wait);
}

void Announcer::heard_leave(const net::Endpoint& from, const Announcement& announcement) {
  const Speaker speaker{from.address, announcement.id};
  auto found = heard_.find(speaker);
  if (found == heard_.end() || found->second.instance != announcement.instance) return;
  forget(speaker);
  if (config_.connected(speaker.node)) actions_.emplace_back(Probe{speaker.node});
}

// --- time ---

void Announcer::expire(net::TimePoint now) {
  if (answers_until_ && *answers_until_ <= now) answers_until_.reset();
  while (auto speaker = forget_at_.pop_due(now)) {
    forget(*speaker);
    if (config_.connected(speaker->node)) actions_.emplace_back(Probe{speaker->node});
  }
  while (auto speaker = dial_at_.pop_due(now)) {
    if (config_.connected(speaker->node)) continue;
    actions_.emplace_back(Hint{{speaker->address, heard_.at(*speaker).port}});
  }
  if (next_ <= now) announce(now);
}

std::optional<net::TimePoint> Announcer::deadline() const {
  std::optional<net::TimePoint> next = net::earlier(next_, answers_until_);
  return net::earlier(net::earlier(next, forget_at_.deadline()), dial_at_.deadline());
}

}  // namespace peer::members
