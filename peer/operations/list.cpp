// SPDX-License-Identifier: MIT
#include "peer/operations/list.h"

#include <algorithm>
#include <map>
#include <utility>

#include "net/bytes.h"
#include "peer/operations/events.h"
#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
namespace {

double seconds_between(net::TimePoint from, net::TimePoint to) {
  return std::chrono::duration<double>(to - from).count();
}

bool holds(std::string_view path, std::string_view text) {
  auto same = [](char a, char b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(a) == lower(b);
  };
  return std::search(path.begin(), path.end(), text.begin(), text.end(), same) != path.end() || text.empty();
}

}  // namespace

void List::step(net::TimePoint now) {
  deadline_ = discovery_.deadline(now);
  // The network may change while one looks: what is listed is what is known when the search is over.
  if (discovery_.state(now) != Discovery::State::kLooking) tell(now);
}

void List::cancel(net::TimePoint now) { tell(now); }

void List::tell(net::TimePoint now) {
  std::vector<Node::PeerView> peers = node_.peers();
  struct Found {
    const files::CatalogEntry* entry;
    std::vector<std::uint32_t> providers;
  };
  std::map<std::pair<std::string_view, files::ContentId>, Found> found;
  for (const files::Offer& offer : offers_of(peers)) {
    if (offer.entry->kind != files::CatalogEntry::Kind::kFile || !holds(offer.entry->path, text_)) continue;
    Found& file = found[{offer.entry->path, offer.entry->id}];
    file.entry = offer.entry;
    file.providers.push_back(offer.provider);
  }
  Summary summary;
  for (const auto& [key, file] : found) {
    File line;
    line.path = file.entry->path;
    line.id = file.entry->id.to_string();
    line.size = file.entry->id.length;
    line.mtime = file.entry->mtime_s;
    line.providers = providers_of(file.providers, peers);
    line.providers_count = file.providers.size();
    summary.bytes += line.size;
    emit(to_json_line(line));
  }
  summary.files = found.size();
  summary.peers = peers.size();
  summary.seconds = seconds_between(started_, now);
  summary.exit = peers.empty() ? kExitNoPeer : !text_.empty() && found.empty() ? kExitNotFound : kExitDone;
  emit(to_json_line(summary));
  finish(summary.exit);
}

void Peers::step(net::TimePoint now) {
  deadline_ = discovery_.deadline(now);
  if (discovery_.state(now) == Discovery::State::kSettled) tell(now);
}

void Peers::cancel(net::TimePoint now) { tell(now); }

void Peers::tell(net::TimePoint now) {
  Summary summary;
  for (const Node::PeerView& peer : node_.peers()) {
    Peer line;
    line.endpoint = endpoint_text(peer);
    line.name = peer.name;
    line.node = net::to_hex(peer.node);
    line.state = "connected";
    line.files = peer.catalog->size();
    summary.files += line.files;
    ++summary.peers;
    emit(to_json_line(line));
  }
  for (const auto& [endpoint, reason] : node_.failures()) {
    Peer line;
    line.endpoint = endpoint.to_string();
    line.state = "unreachable";
    line.error = reason;
    emit(to_json_line(line));
  }
  summary.seconds = seconds_between(started_, now);
  summary.exit = summary.peers == 0 ? kExitNoPeer : kExitDone;
  emit(to_json_line(summary));
  finish(summary.exit);
}

}  // namespace peer::operations
