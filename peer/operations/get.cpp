// SPDX-License-Identifier: MIT
#include "peer/operations/get.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"
#include "peer/operations/records.h"

namespace peer::operations {
namespace {

/// Downloads that fetch at a time. Big ones share the link anyway.
constexpr std::size_t kMaxFetching = 32;
/// Those together with the ones that are complete and wait for the disk, which holds up nobody for that long.
constexpr std::size_t kMaxRunning = 128;
/// The same while the next one is small: many are needed to fill the round trips, fewer than a peer lets wait.
constexpr std::size_t kMaxRunningSmall = 384;
constexpr std::uint64_t kSmallFile = 64u << 10;
/// Beyond the first two, downloads are begun only while those under way have less than this to come.
constexpr std::uint64_t kMaxRunningBytes = std::uint64_t{64} << 20;
constexpr net::Duration kProgressInterval = std::chrono::milliseconds(200);
/// All catalogs are looked through at most this often while some words mean nothing yet, or more may come.
constexpr net::Duration kResolveInterval = std::chrono::milliseconds(250);
/// Without a byte for this long, and without anybody who has it, a download is given up.
constexpr net::Duration kPatience = std::chrono::seconds(30);
/// The same where somebody says to have it: a busy peer may let others wait for long.
constexpr net::Duration kPatienceWithSources = std::chrono::minutes(5);
/// How long peers that are still hashing are waited for with a name that nobody offers: it may be a slip.
constexpr net::Duration kPatienceForNames = std::chrono::seconds(10);

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool has_folder(const files::Catalog& catalog, const std::string& path) {
  const auto inside = catalog.page(path + '/', 1);
  return catalog.find(path) != nullptr || (!inside.empty() && inside.front()->path.starts_with(path + '/'));
}

}  // namespace

Get::Get(Node& node, GetRequest request, net::TimePoint now)
    : node_(node), request_(std::move(request)), discovery_(node, now), started_(now) {
  std::set<std::string_view> words;
  for (const std::string& word : request_.words) {
    if (words.insert(word).second) words_.push_back({word});
  }
}

Get::~Get() {
  for (const auto& [id, running] : running_) {
    if (node_.transfer(id)->ended()) node_.forget(id);
  }
  for (const auto& [id, wanted] : making_) node_.forget_folder(id);
}

void Get::step(net::TimePoint now) {
  deadline_.reset();
  discovery_.look_on(now);
  if (!words_.empty()) resolve(now);
  start_some(now);
  watch(now);
  if (!words_.empty() || !waiting_.empty() || !running_.empty()) return;
  make_folders();
  tell_folders();
  if (making_.empty()) end(now);
}

void Get::cancel(net::TimePoint now) {
  cancelled_ = true;
  failed_ += waiting_.size() + words_.size();
  waiting_.clear();
  words_.clear();
  folders_.clear();
  for (const auto& [id, running] : running_) node_.cancel(now, id);
}

// --- what the words mean ---

void Get::resolve(net::TimePoint now) {
  deadline_ = net::earlier(deadline_, discovery_.deadline(now));
  const Discovery::State state = discovery_.state(now);
  if (state == Discovery::State::kLooking) return;
  const bool settled = state == Discovery::State::kSettled;
  if (settled && !settled_at_) settled_at_ = now;
  if (looked_up_ && looked_up_->settled == settled) {
    auto next = std::optional(looked_up_->at + kResolveInterval);
    if (*next <= now && looked_up_->network == node_.network_revision()) next = patient_until_;
    deadline_ = net::earlier(deadline_, next);
    if (!next || *next > now) return;
  }
  looked_up_ = LookUp{now, node_.network_revision(), settled};
  patient_until_.reset();
  const Peers peers = node_.everybody();
  // The reason comes before what follows from it.
  if (settled && peers.empty()) tell_no_peer();
  std::vector<files::Offer> offers = offers_of(peers);
  files::Matcher matcher(offers);
  std::erase_if(words_, [&](Word& word) { return resolve_word(now, matcher, peers, word); });
  deadline_ = net::earlier(deadline_, patient_until_);
}

/// True when the word is done with.
bool Get::resolve_word(net::TimePoint now, const files::Matcher& matcher, const Peers& peers, Word& word) {
  files::Match match = matcher.resolve(word.text);
  switch (match.kind) {
    case files::Match::Kind::kNotFound: {
      if (word.found) return true;
      if (!settled_at_) return false;
      const bool may_come =
          std::any_of(peers.begin(), peers.end(), [](const auto& peer) { return peer.catalog_growing; });
      if (may_come && now < *settled_at_ + kPatienceForNames) {
        patient_until_ = net::earlier(patient_until_, *settled_at_ + kPatienceForNames);
        for (const Node::PeerView& peer : peers) tell_growing(peer);
        return false;
      }
      ++not_found_;
      emit(to_json_line(NotFound{word.text}));
      return true;
    }
    case files::Match::Kind::kAmbiguous: {
      Ambiguous line;
      line.name = word.text;
      for (const files::MatchedFile& file : match.files) {
        if (line.candidates.size() == kMaxCandidates) break;
        line.candidates.push_back({file.path, file.id.to_string(), file.id.length, file.providers.size()});
      }
      line.candidates_count = match.files.size();
      ++failed_;
      emit(to_json_line(line));
      return true;
    }
    case files::Match::Kind::kFile:
      // One file lands under its own name, whatever folder it is offered in; a folder keeps its shape.
      want(match.files.front(), request_.folder,
           request_.name.empty() ? last_component(match.files.front().path) : request_.name);
      return true;
    case files::Match::Kind::kFolder:
      return resolve_folder(now, match, peers, word);
  }
  return true;
}

bool Get::resolve_folder(net::TimePoint now, const files::Match& match, const Peers& peers, Word& word) {
  // What was meant as a file's name is where the folder goes.
  const std::string folder = request_.folder + (request_.name.empty() ? "" : "/" + request_.name);
  const std::size_t wanted = wanted_files_.size();
  for (const files::MatchedFile& file : match.files) want(file, folder, file.path);
  if (!std::exchange(word.found, true) || wanted_files_.size() > wanted) word.news = now;

  const std::string path = word.text.substr(0, word.text.find_last_not_of('/') + 1);
  const auto growing = std::find_if(peers.begin(), peers.end(), [&](const Node::PeerView& peer) {
    return peer.catalog_growing && has_folder(*peer.catalog, path);
  });
  if (growing != peers.end() && now < word.news + kPatienceWithSources) {
    patient_until_ = net::earlier(patient_until_, word.news + kPatienceWithSources);
    tell_growing(*growing);
    return false;
  }
  for (const files::MatchedFolder& inner : match.folders) want(inner, folder, match.files.empty());
  if (growing != peers.end()) {
    ++failed_;
    emit(to_json_line(Failed{
        word.text, "",
        "there may be more: " + endpoint_text(*growing) + " is still hashing what it shares; run it again later"}));
  }
  return true;
}

void Get::tell_growing(const Node::PeerView& peer) {
  if (peer.catalog_growing && told_growing_.insert(peer.node).second) emit(to_json_line(growing_peer(peer)));
}

void Get::want(const files::MatchedFile& file, const std::string& folder, const std::string& path) {
  if (!wanted_files_.emplace(file.id, folder, path).second) return;
  swarm::FetchRequest wanted;
  wanted.id = file.id;
  wanted.folder = folder;
  wanted.path = path;
  wanted.mtime_s = file.mtime_s;
  wanted.mode = file.mode;
  wanted.waits_for_room = true;
  waiting_.push_back(std::move(wanted));
}

void Get::want(const files::MatchedFolder& inner, const std::string& folder, bool alone) {
  if (wanted_folders_.emplace(folder, inner.path).second) folders_.push_back({folder, inner, alone});
}

// --- downloads ---

/// Room for the next one, whatever comes of those under way.
bool Get::room_for_next() const {
  if (waiting_.empty()) return false;
  return running_.size() < (waiting_.front().id.length <= kSmallFile ? kMaxRunningSmall : kMaxRunning);
}

void Get::start_some(net::TimePoint now) {
  // Until one has all its data, or has ended, there is no room that was not there before.
  if (!room_for_next() || (full_ && seen_turns_ == node_.fetch_turns())) return;
  seen_turns_ = node_.fetch_turns();
  std::uint64_t to_come = 0;
  std::size_t fetching = 0;
  for (const auto& [id, running] : running_) {
    const swarm::Transfer* transfer = node_.transfer(id);
    if (transfer->ended() || transfer->state() == swarm::Transfer::State::kFinishing) continue;
    ++fetching;
    to_come += running.wanted.id.length - transfer->bytes_done();
  }
  const auto full = [&] { return waiting_.front().id.length > kSmallFile && fetching >= kMaxFetching; };
  while (room_for_next() && !full() && (fetching < 2 || to_come < kMaxRunningBytes)) {
    swarm::FetchRequest wanted = std::move(waiting_.front());
    waiting_.pop_front();
    ++fetching;
    to_come += wanted.id.length;
    emit(to_json_line(Start{wanted.path, wanted.id.to_string(), wanted.id.length}));
    TransferId id = node_.fetch(now, wanted);
    running_.emplace(id, Running{std::move(wanted), now, false});
  }
  full_ = !waiting_.empty() && full();
}

void Get::watch(net::TimePoint now) {
  bool tell = !progress_at_ || *progress_at_ <= now;
  bool ended = std::exchange(seen_ended_, node_.ended_transfers()) != node_.ended_transfers();
  for (auto it = running_.begin(); (tell || ended) && it != running_.end();) {
    auto& [id, running] = *it;
    const swarm::Transfer* transfer = node_.transfer(id);
    net::Duration patience = transfer->source_count() == 0 ? kPatience : kPatienceWithSources;
    bool given_up = now - transfer->last_progress() >= patience;
    if (transfer->state() == swarm::Transfer::State::kFetching && given_up) node_.cancel(now, id);
    if (transfer->ended()) {
      tell_end(now, running, *transfer);
      node_.forget(id);
      it = running_.erase(it);
      continue;
    }
    bool paused = !transfer->paused().empty();
    if (paused && !running.told_pause) {
      emit(to_json_line(Paused{running.wanted.path, running.wanted.id.to_string(), transfer->paused()}));
    }
    running.told_pause = paused;
    // Of one that is soon over only the end is told.
    if (tell && now - running.started >= kProgressInterval) tell_progress(now, running, *transfer);
    ++it;
  }
  if (running_.empty()) return;
  if (tell) progress_at_ = now + kProgressInterval;
  deadline_ = net::earlier(deadline_, progress_at_);
}

void Get::tell_progress(net::TimePoint now, const Running& running, const swarm::Transfer& transfer) {
  Progress line;
  line.id = running.wanted.id.to_string();
  line.path = running.wanted.path;
  line.done = transfer.bytes_done();
  line.total = running.wanted.id.length;
  line.rate = static_cast<std::uint64_t>(transfer.rate(now));
  if (line.rate > 0) line.eta = (line.total - line.done) / line.rate;
  line.sources = transfer.source_count();
  line.state = state_of(transfer);
  emit(to_json_line(line));
}

void Get::tell_end(net::TimePoint now, const Running& running, const swarm::Transfer& transfer) {
  const swarm::FetchRequest& wanted = running.wanted;
  if (transfer.state() == swarm::Transfer::State::kFailed) {
    ++failed_;
    std::string error = transfer.error();
    if (error == "cancelled") {
      error = cancelled_                     ? "stopped"
              : transfer.source_count() == 0 ? "no peer that has it can be reached any more"
                                             : "the peers that offer it have sent nothing for minutes";
      error += "; what was fetched is kept: run it again to go on";
    }
    emit(to_json_line(Failed{wanted.path, wanted.id.to_string(), error}));
    return;
  }
  ++done_;
  bytes_ += transfer.bytes_fetched();
  Done line;
  line.path = place_of(wanted.folder, transfer.result().path);
  line.id = wanted.id.to_string();
  line.size = wanted.id.length;
  line.seconds = net::to_seconds(now - running.started);
  line.fetched = transfer.bytes_fetched();
  line.already_there = transfer.result().already_there;
  emit(to_json_line(line));
}

// --- the end ---

/// The deepest come first: what is made in a folder changes its time. Where something is missing it may still come, so
/// nothing is closed to it.
void Get::make_folders() {
  std::sort(folders_.begin(), folders_.end(),
            [](const WantedFolder& a, const WantedFolder& b) { return a.folder.path > b.folder.path; });
  for (WantedFolder& wanted : std::exchange(folders_, {})) {
    MakeFolder action{0, wanted.folder.path, wanted.top, {}, 0, false};
    if (failed_ + not_found_ == 0) {
      action.mtime_s = wanted.folder.mtime_s;
      action.mode = wanted.folder.mode;
    }
    making_.emplace(node_.make_folder(std::move(action)), std::move(wanted));
  }
}

void Get::tell_folders() {
  std::erase_if(making_, [this](const auto& making) {
    const auto& [id, wanted] = making;
    const auto made = node_.take_made_folder(id);
    if (!made) return false;
    const std::string place = place_of(wanted.top, wanted.folder.path);
    if (!made->error.empty()) {
      ++failed_;
      emit(to_json_line(Failed{place, "", made->error}));
    } else if (wanted.alone) {
      made_folder_ = true;
      emit(to_json_line(FolderMade{place}));
    }
    return true;
  });
}

void Get::tell_no_peer() {
  if (!std::exchange(told_no_peer_, true)) emit(to_json_line(no_peer_reached(node_)));
}

int Get::exit_status_now() const {
  if (failed_ + not_found_ == 0) return kExitDone;
  if (done_ > 0 || made_folder_) return kExitSome;
  if (failed_ > 0) return kExitFailed;
  return node_.everybody().empty() ? kExitNoPeer : kExitNotFound;
}

void Get::end(net::TimePoint now) {
  Summary summary;
  summary.exit = exit_status_now();
  if (summary.exit == kExitNoPeer) tell_no_peer();
  summary.files = done_;
  summary.failed = failed_ + not_found_;
  summary.peers = node_.everybody().size();
  summary.bytes = bytes_;
  summary.seconds = net::to_seconds(now - started_);
  emit(to_json_line(summary));
  finish(summary.exit);
}

}  // namespace peer::operations
