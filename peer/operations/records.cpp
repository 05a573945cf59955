// SPDX-License-Identifier: MIT
#include "peer/operations/records.h"

#include <algorithm>
#include <utility>

namespace peer::operations {
namespace {

constexpr std::size_t kMaxTransfersTold = 1024;

const char* name_of(Ledger::Outcome outcome) {
  switch (outcome) {
    case Ledger::Outcome::kDone:
      return "done";
    case Ledger::Outcome::kAlreadyThere:
      return "already_there";
    case Ledger::Outcome::kFailed:
      return "failed";
    case Ledger::Outcome::kCancelled:
      break;
  }
  return "cancelled";
}

const char* name_of(Ledger::Taken::State state) {
  switch (state) {
    case Ledger::Taken::State::kRunning:
      return "running";
    case Ledger::Taken::State::kWhole:
      return "whole";
    case Ledger::Taken::State::kPart:
      return "part";
    case Ledger::Taken::State::kClosed:
      break;
  }
  return "closed";
}

std::vector<Portion> portions(const std::vector<Ledger::Portion>& sources) {
  std::vector<Portion> out;
  out.reserve(std::min(sources.size(), kMaxPortions));
  for (const Ledger::Portion& source : sources) {
    if (out.size() == kMaxPortions) break;
    out.push_back(
        {source.party.endpoint.to_string(), source.party.name, source.bytes, static_cast<std::uint64_t>(source.rate)});
  }
  return out;
}

Fetching fetching(const Node& node, TransferId id, const swarm::Transfer& transfer, net::TimePoint now) {
  const swarm::FetchRequest& wanted = transfer.request();
  Fetching event;
  event.path = place_of(wanted.folder, wanted.path);
  event.id = wanted.id.to_string();
  event.done = transfer.bytes_done();
  event.total = wanted.id.length;
  event.rate = static_cast<std::uint64_t>(transfer.rate(now));
  if (event.rate > 0) event.eta = (event.total - event.done) / event.rate;
  event.state = state_of(transfer);
  event.sources = portions(node.ledger().sources(id, now));
  event.sources_count = transfer.source_count();
  return event;
}

}  // namespace

std::uint64_t mean_rate(std::uint64_t bytes, net::Duration took) {
  return took < std::chrono::milliseconds(1)
             ? 0
             : static_cast<std::uint64_t>(static_cast<double>(bytes) / net::to_seconds(took));
}

Download to_event(const Ledger::Fetched& fetched, std::int64_t time) {
  Download event;
  event.time = time;
  event.path = fetched.path;
  event.id = fetched.id.to_string();
  event.size = fetched.id.length;
  event.bytes = fetched.bytes;
  event.seconds = net::to_seconds(fetched.took);
  event.rate = mean_rate(fetched.bytes, fetched.took);
  event.result = name_of(fetched.outcome);
  event.error = fetched.error;
  event.sources = portions(fetched.sources);
  for (Portion& source : event.sources) source.rate = mean_rate(source.bytes, fetched.took);
  event.sources_count = fetched.sources.size();
  return event;
}

Upload to_event(const Ledger::Taken& taken, const std::string& path, std::int64_t time) {
  return {time,
          taken.party.endpoint.to_string(),
          taken.party.name,
          path,
          taken.id.to_string(),
          taken.id.length,
          taken.bytes,
          net::to_seconds(taken.took),
          mean_rate(taken.bytes, taken.took),
          name_of(taken.state)};
}

const char* state_of(const swarm::Transfer& transfer) {
  switch (transfer.state()) {
    case swarm::Transfer::State::kOpening:
      return transfer.copies() ? "copying" : "hashing";
    case swarm::Transfer::State::kFinishing:
      return "finishing";
    default:
      return transfer.paused().empty() ? "fetching" : "paused";
  }
}

std::vector<Event> transfers_now(const Node& node, net::TimePoint now) {
  std::vector<Event> events;
  for (TransferId id : node.transfers()) {
    const swarm::Transfer* transfer = node.transfer(id);
    if (transfer->ended() || events.size() >= kMaxTransfersTold) continue;
    events.emplace_back(fetching(node, id, *transfer, now));
  }
  std::vector<Ledger::Taken> taken = node.ledger().taken(now);
  taken.resize(std::min(taken.size(), kMaxTransfersTold));
  for (const Ledger::Taken& one : taken) {
    events.emplace_back(Sending{one.party.endpoint.to_string(), one.party.name, node.path_of(one.id),
                                one.id.to_string(), one.id.length, one.bytes, static_cast<std::uint64_t>(one.rate)});
  }
  return events;
}

std::vector<std::string> merge_logs(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const std::string& text : texts) {
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = std::min(text.find('\n', begin), text.size());
      std::string_view line = std::string_view(text).substr(begin, end - begin);
      begin = end + 1;
      auto event = parse_json_line(line);
      if (!event) continue;
      std::optional<std::int64_t> time;
      if (auto* download = std::get_if<Download>(&*event)) time = download->time;
      if (auto* upload = std::get_if<Upload>(&*event)) time = upload->time;
      // Written anew, so that what is printed is ours whatever the file holds.
      if (time) found.emplace_back(*time, to_json_line(*event));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> lines;
  lines.reserve(found.size());
  for (auto& [time, line] : found) lines.push_back(std::move(line));
  return lines;
}

}  // namespace peer::operations
