// SPDX-License-Identifier: MIT
#include "net/journal.h"

#include "net/number.h"

namespace net {
bool is_journal(std::string_view journal_stream, std::uint64_t device, std::uint64_t inode) {
  std::size_t colon = journal_stream.find(':');
  if (colon == std::string_view::npos) return false;
  return parse_number<std::uint64_t>(journal_stream.substr(0, colon)) == device &&
         parse_number<std::uint64_t>(journal_stream.substr(colon + 1)) == inode;
}

}  // namespace net
