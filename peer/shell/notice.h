// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace peer::shell {

/// What is to be told while a line is typed, of one line of operations::Watch: a text for people with its end of line,
/// escaped (T45). Empty for what is told by the command itself (`told`: ids of contents) or is no news.
std::string notice_of(std::string_view json_line, const std::set<std::string>& told);

/// If the line tells that a download has ended: the id of the content; otherwise empty.
std::string ended_download(std::string_view json_line);

}  // namespace peer::shell
