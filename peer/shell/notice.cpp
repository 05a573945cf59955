// SPDX-License-Identifier: MIT
#include "peer/shell/notice.h"

#include <variant>

#include "net/escape.h"
#include "peer/operations/events.h"
#include "peer/view/format.h"

namespace peer::shell {
namespace {

std::string tell(const operations::Peer& peer) {
  const std::string who = net::escape(peer.endpoint) + (peer.name.empty() ? "" : " (" + net::escape(peer.name) + ")");
  if (peer.state == "connected") return "[" + who + " is here]\n";
  if (peer.state == "gone") return "[" + who + " is gone]\n";
  return "";
}

std::string tell(const operations::Download& download) {
  const std::string what = net::escape(download.path);
  if (download.result == "done") return "[" + what + " was fetched, " + view::human_size(download.size) + "]\n";
  if (download.result == "failed") return "[" + what + " was not fetched: " + net::escape(download.error) + "]\n";
  return "";
}

}  // namespace

std::string notice_of(std::string_view json_line, const std::set<std::string>& told) {
  auto event = operations::parse_json_line(json_line);
  if (!event) return "";
  if (const auto* peer = std::get_if<operations::Peer>(&*event)) return tell(*peer);
  const auto* download = std::get_if<operations::Download>(&*event);
  return download != nullptr && !told.contains(download->id) ? tell(*download) : "";
}

std::string ended_download(std::string_view json_line) {
  // There may be very many lines: only these are read.
  if (!json_line.starts_with(R"({"event":"done")") && !json_line.starts_with(R"({"event":"failed")")) return "";
  auto event = operations::parse_json_line(json_line);
  if (!event) return "";
  if (const auto* done = std::get_if<operations::Done>(&*event)) return done->id;
  const auto* failed = std::get_if<operations::Failed>(&*event);
  return failed != nullptr ? failed->id : "";
}

}  // namespace peer::shell
