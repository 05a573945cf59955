// SPDX-License-Identifier: MIT
#include "peer/view/watch_view.h"

#include <algorithm>
#include <cstdint>

#include "net/address.h"
#include "net/counted.h"
#include "net/escape.h"
#include "peer/view/columns.h"
#include "peer/view/format.h"

namespace peer::view {
namespace {

using operations::Change;

LiveTable table_of(WatchView::What what) {
  if (what == WatchView::What::kFiles) return {file_columns(), "nothing is offered yet"};
  return {peer_columns(), "no peer is here yet"};
}

/// As wide as the longest of them.
std::string word_of(Change change) {
  switch (change) {
    case Change::kAdded:
      return "added  ";
    case Change::kChanged:
      return "changed";
    case Change::kRemoved:
      break;
  }
  return "removed";
}

std::string padded(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(10 - std::min<std::size_t>(10, digits.size()), '0') + digits;
}

/// Sorts as addresses and ports do, those of IPv4 first.
std::string order_of(const std::string& text) {
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint) return "2" + text;
  const std::string port = padded(endpoint->port);
  if (const net::Ipv4Address* v4 = endpoint->address.v4()) return "0" + padded(v4->value) + port;
  const net::Ipv6Address& v6 = *endpoint->address.v6();
  return "1" + std::string(v6.octets.begin(), v6.octets.end()) + v6.zone + port;
}

}  // namespace

WatchView::WatchView(What what, bool as_table)
    : what_(what), as_table_(as_table && what != What::kNothing), table_(table_of(what)) {}

std::string WatchView::show(Change change, const operations::File& file) {
  if (as_table_) {
    if (what_ != What::kFiles) return "";
    const std::string key = file.path + '\0' + file.id;
    change == Change::kRemoved ? table_.remove(key) : table_.put(key, key, file_cells(file));
    return "";
  }
  std::string line =
      word_of(change) + "  " + net::escape(file.path) + "  " + human_size(file.size) + "  " + short_id(file.id);
  if (change != Change::kRemoved) line += "  " + net::counted(file.providers_count, "peer", "peers");
  return line + '\n';
}

std::string WatchView::show(Change change, const operations::Peer& peer) {
  if (as_table_) {
    if (what_ != What::kPeers) return "";
    change == Change::kRemoved ? table_.remove(peer.node)
                               : table_.put(peer.node, order_of(peer.endpoint), peer_cells(peer));
    return "";
  }
  std::string line = word_of(change) + "  " + net::escape(peer.endpoint);
  if (!peer.name.empty()) line += "  " + net::escape(peer.name);
  if (change != Change::kRemoved) line += "  " + net::counted(peer.files, "file", "files");
  return line + '\n';
}

}  // namespace peer::view
