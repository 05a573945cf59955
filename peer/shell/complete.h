// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "peer/shell/words.h"

namespace peer::shell {

/// What `help` says of a command, and what its words are.
struct CommandInfo {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
};
const std::vector<CommandInfo>& commands();
/// Whether a line may begin with it: one of the above or `exit`'s other name.
bool is_command(std::string_view name);
/// What `help` prints.
std::string help_text();

enum class Wanted {
  kNothing,
  kCommand,      ///< The name of a command.
  kNetworkFile,  ///< Something that the network offers.
  kLocalPath,    ///< A file or folder of this host.
  kReceiver,     ///< all, or a peer.
};
/// What the word at the cursor is.
Wanted wanted(const PartialLine& line);

/// What the completion of a word does to the line.
struct Completion {
  std::size_t erase = 0;          ///< Bytes before the cursor that go.
  std::string insert;             ///< What takes their place.
  std::vector<std::string> list;  ///< Otherwise: what there is to choose from, as it may be printed.
};
inline constexpr std::size_t kMaxListed = 200;

/// Completes the word at the end of `line` to one of `names`: whole where there is one only, else as far as they agree.
/// A path is completed up to the next '/'. Names that a terminal would not show as they are (T45) are left out.
Completion complete(std::string_view line, const std::vector<std::string>& names);

}  // namespace peer::shell
