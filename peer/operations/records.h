// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/time.h"
#include "peer/ledger.h"
#include "peer/node.h"
#include "peer/operations/events.h"

/// What the ledger knows as events: for `status`, for the logs and for `history`.
namespace peer::operations {

/// Bytes a second; 0 where `took` is less than a millisecond, over which a rate says nothing.
std::uint64_t mean_rate(std::uint64_t bytes, net::Duration took);

/// Of a download under way, for people: hashing, copying, fetching, paused or finishing.
const char* state_of(const swarm::Transfer& transfer);

/// `time`: when it ended, seconds since the epoch.
Download to_event(const Ledger::Fetched& fetched, std::int64_t time);
/// `path`: under which the content is offered; may be empty.
Upload to_event(const Ledger::Taken& taken, const std::string& path, std::int64_t time);

/// "fetching" for each download that has not ended and "sending" for each content that a peer takes, at most 1024 of
/// each.
std::vector<Event> transfers_now(const Node& node, net::TimePoint now);

/// The "download" and "upload" lines of several logs' texts, by time; lines of the same time in the order given. What
/// is no such line (a crash may leave half of one) is left out.
std::vector<std::string> merge_logs(const std::vector<std::string>& texts);

}  // namespace peer::operations
