// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace net {

/// True when `journal_stream`, the variable JOURNAL_STREAM ("DEVICE:INODE", systemd.exec(5)), names the open file with
/// these numbers: what is written to it goes to the journal, which adds the time and the program's name itself and
/// takes a line's priority from a "<N>" in front of it (sd-daemon(3)).
bool is_journal(std::string_view journal_stream, std::uint64_t device, std::uint64_t inode);

}  // namespace net
