// SPDX-License-Identifier: MIT
#include "peer/shell/complete.h"

#include <algorithm>
#include <set>

#include "net/escape.h"
#include "net/utf8.h"

namespace peer::shell {
namespace {

/// Doubled backslashes are no danger, all else that is escaped may be one.
bool shown_as_is(const std::string& name) {
  std::string plain = name;
  std::erase(plain, '\\');
  return net::escape(plain) == plain;
}

std::string common_prefix(const std::set<std::string>& names) {
  // Of sorted texts the first and the last differ earliest.
  const std::string &first = *names.begin(), &last = *names.rbegin();
  auto end = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  std::string prefix(first.begin(), end);
  while (!net::is_utf8(prefix)) prefix.pop_back();
  return prefix;
}

}  // namespace

const std::vector<CommandInfo>& commands() {
  static const std::vector<CommandInfo> all{
      {"list", "[--watch]", "what the network offers"},
      {"search", "TEXT [--watch]", "the same, with a text in its path"},
      {"download", "FILE... [-o PATH]", "fetch files or folders; get is the same"},
      {"get", "FILE... [-o PATH]", "the same"},
      {"push", "PATH... --to all|HOST,...", "bring files and folders to other peers"},
      {"peers", "[--watch | --refresh]", "who is on the network"},
      {"status", "", "how this home's peer is doing"},
      {"history", "", "what was fetched, and what others took"},
      {"help", "", "this list"},
      {"exit", "", "leave; quit and Ctrl-D do the same"},
      {"quit", "", "the same"},
  };
  return all;
}

bool is_command(std::string_view name) {
  return std::any_of(commands().begin(), commands().end(), [&](const CommandInfo& info) { return info.name == name; });
}

std::string help_text() {
  constexpr std::size_t kColumn = 36;
  std::string out;
  for (const CommandInfo& info : commands()) {
    std::string line(info.name);
    if (!info.arguments.empty()) line += ' ' + std::string(info.arguments);
    line.resize(std::max(kColumn, line.size() + 2), ' ');
    out += line + std::string(info.help) + '\n';
  }
  return out;
}

Wanted wanted(const PartialLine& line) {
  if (line.comment) return Wanted::kNothing;
  if (line.words.empty()) return Wanted::kCommand;
  const std::string &command = line.words.front(), &previous = line.words.back();
  if (previous == "-o" || previous == "--output") return Wanted::kLocalPath;
  if (line.word.starts_with('-')) return Wanted::kNothing;
  if (command == "get" || command == "download") return Wanted::kNetworkFile;
  if (command == "push") return previous == "--to" ? Wanted::kReceiver : Wanted::kLocalPath;
  return Wanted::kNothing;
}

Completion complete(std::string_view line, const std::vector<std::string>& names) {
  const PartialLine partial = split_partial(line);
  std::set<std::string> found;
  for (const std::string& name : names) {
    if (!name.starts_with(partial.word) || !net::is_utf8(name) || !shown_as_is(name)) continue;
    const std::size_t slash = name.find('/', partial.word.size());
    found.insert(slash == std::string::npos ? name : name.substr(0, slash + 1));
  }
  Completion completion;
  if (found.empty() || partial.comment) return completion;
  const std::string text = common_prefix(found);
  if (found.size() == 1 || text.size() > partial.word.size()) {
    const bool whole = found.size() == 1 && !text.ends_with('/');
    completion.erase = line.size() - partial.begin;
    completion.insert = quote_word(text, partial.quote, whole) + (whole ? " " : "");
    return completion;
  }
  for (const std::string& name : found) {
    if (completion.list.size() == kMaxListed) {
      completion.list.push_back("and " + std::to_string(found.size() - kMaxListed) + " more");
      break;
    }
    completion.list.push_back(net::escape(name));
  }
  return completion;
}

}  // namespace peer::shell
