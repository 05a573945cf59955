// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "scanner/hosts.h"
#include "scanner/vendors.h"

namespace scanner {

/// A host as it is shown: its verdicts drawn and its vendors looked up. Text that came from outside (vendor, name) is
/// raw here; each format makes it safe in its own way.
struct Record {
  struct Card {
    net::MacAddress mac;
    std::string vendor;
  };
  std::string address;
  std::vector<Card> cards;  ///< More than one where machines are in conflict; none where no MAC is known.
  std::string interface;
  std::string_view source;
  std::optional<double> round_trip_ms;
  unsigned requests = 0;
  std::vector<std::string> flags;
  std::string name;
  PeerState peer = PeerState::kUnknown;
};

/// `vendors` null: no vendor names.
Record make_record(const Host& host, const HostTable& table, const Vendors* vendors);

/// "IP<TAB>MAC<TAB>vendor", one line for each MAC; then a tab and the flags, with commas, where there are any.
std::string format_plain(const Record& record);
/// One JSON object and a line end; all ASCII. `event` is its first member where not empty. Members: p2pscan(8), OUTPUT.
std::string format_json(const Record& record, std::string_view event = {});
/// RFC 4180, one line for each MAC, with format_csv_header()'s columns.
std::string format_csv(const Record& record);
std::string format_csv_header();

/// Something happened to a host at `time` (RFC 3339). `was` is its old MAC or address, or empty.
struct EventLine {
  std::string_view event;
  std::string time;
  std::string was;
};
/// For people: time, event, address, MAC, vendor.
std::string format_event_text(const EventLine& line, const Record& record);
/// The same as a JSON object, with the members of format_json.
std::string format_event_json(const EventLine& line, const Record& record);
/// "event<TAB>IP<TAB>MAC<TAB>vendor", and the old MAC or address after a further tab where there is one.
std::string format_event_plain(const EventLine& line, const Record& record);

/// A table for people, sorted as given, no line wider than `columns` where the vendor can be cut to fit.
std::string format_table(const std::vector<Record>& records, std::size_t columns);

}  // namespace scanner
