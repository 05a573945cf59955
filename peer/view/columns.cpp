// SPDX-License-Identifier: MIT
#include "peer/view/columns.h"

#include "net/rfc3339.h"
#include "peer/view/format.h"

namespace peer::view {

namespace {

using Align = Table::Column::Align;

}  // namespace

std::vector<Table::Column> file_columns() {
  return {{"PATH", Align::kLeft, 0, 16},
          {"SIZE", Align::kRight, 1, 0},
          {"ID", Align::kLeft, 3, 0},
          {"PEERS", Align::kRight, 2, 0},
          {"MODIFIED", Align::kLeft, 4, 0}};
}

std::vector<std::string> file_cells(const operations::File& file) {
  return {file.path, human_size(file.size), short_id(file.id), std::to_string(file.providers_count),
          time_text(file.mtime, 16)};
}

std::vector<Table::Column> peer_columns() {
  return {{"ENDPOINT", Align::kLeft, 0, 16},
          {"NAME", Align::kLeft, 2, 8},
          {"FILES", Align::kRight, 3, 0},
          {"STATE", Align::kLeft, 1, 11},
          {"NODE", Align::kLeft, 4, 0}};
}

std::vector<std::string> peer_cells(const operations::Peer& peer) {
  return {peer.endpoint, peer.name, peer.state != "unreachable" ? std::to_string(peer.files) : "",
          peer.error.empty() ? peer.state : peer.state + ": " + peer.error, short_id(peer.node)};
}

std::string time_text(const std::optional<std::int64_t>& time, std::size_t length) {
  auto written = time ? net::to_rfc3339(*time) : std::nullopt;
  return written ? written->substr(0, 10) + ' ' + written->substr(11, length - 11) : "";
}

}  // namespace peer::view
