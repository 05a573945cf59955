// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peer/operations/events.h"
#include "peer/view/table.h"

/// What the tables of files and of peers show.
namespace peer::view {

std::vector<Table::Column> file_columns();
std::vector<std::string> file_cells(const operations::File& file);
std::vector<Table::Column> peer_columns();
std::vector<std::string> peer_cells(const operations::Peer& peer);

/// "2024-05-01T12:34:56Z" to the second (19), or to the minute (16).
std::string time_text(const std::optional<std::int64_t>& time, std::size_t length);

}  // namespace peer::view
