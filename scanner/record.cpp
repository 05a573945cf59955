// SPDX-License-Identifier: MIT
#include "scanner/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "net/escape.h"
#include "net/text_width.h"
#include "net/utf8.h"

namespace scanner {
namespace {

std::string joined(const std::vector<std::string>& parts, char separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string milliseconds_text(double ms) { return fmt::format("{:.{}f}", ms, ms < 10 ? 2 : ms < 100 ? 1 : 0); }

std::string quoted(const std::string& field) {
  std::string safe = net::escape(field);
  if (safe.find_first_of(",\"") == std::string::npos) return safe;
  std::string text = "\"";
  for (const char c : safe) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

// A host without a known MAC still has its line.
std::vector<Record::Card> cards_or_blank(const Record& record) {
  return record.cards.empty() ? std::vector<Record::Card>{{}} : record.cards;
}

std::string mac_text(const net::MacAddress& mac) { return mac.is_zero() ? std::string() : mac.to_string(); }

struct Row {
  std::string address, mac, round_trip, notes, vendor;
};

std::vector<Row> rows_of(const std::vector<Record>& records) {
  std::vector<Row> rows{{"ADDRESS", "MAC", "RTT/ms", "NOTES", "VENDOR"}};
  for (const Record& record : records) {
    bool first = true;
    for (const Record::Card& card : cards_or_blank(record)) {
      Row row;
      row.address = record.address;
      row.mac = mac_text(card.mac);
      if (first && record.round_trip_ms) row.round_trip = milliseconds_text(*record.round_trip_ms);
      row.notes = joined(record.flags, ' ');
      row.vendor = net::escape(card.vendor);
      if (!record.name.empty()) {
        row.vendor = net::escape(record.name) + (row.vendor.empty() ? "" : "  " + row.vendor);
      }
      rows.push_back(std::move(row));
      first = false;
    }
  }
  return rows;
}

std::size_t widest(const std::vector<Row>& rows, std::string Row::*column) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) width = std::max(width, net::display_width(rows[i].*column));
  return width;
}

bool used(const std::vector<Row>& rows, std::string Row::*column) {
  return std::any_of(rows.begin() + 1, rows.end(), [&](const Row& row) { return !(row.*column).empty(); });
}

// Text that is not UTF-8 would make the line invalid.
nlohmann::ordered_json members_of(const Record& record) {
  nlohmann::ordered_json json;
  json["ip"] = record.address;
  if (!record.cards.empty()) {
    json["mac"] = record.cards.front().mac.to_string();
    json["vendor"] = net::to_valid_utf8(record.cards.front().vendor);
  }
  if (record.cards.size() > 1) {
    for (const Record::Card& card : record.cards) json["macs"].push_back(card.mac.to_string());
  }
  if (!record.interface.empty()) json["interface"] = net::to_valid_utf8(record.interface);
  json["source"] = record.source;
  if (record.round_trip_ms) json["rtt_ms"] = std::round(*record.round_trip_ms * 1000) / 1000;
  if (record.requests > 0) json["requests"] = record.requests;
  if (!record.name.empty()) json["name"] = net::to_valid_utf8(record.name);
  if (record.peer != PeerState::kUnknown) json["peer"] = record.peer == PeerState::kPeer;
  json["flags"] = record.flags;
  return json;
}

// Only ASCII, so that no text can carry controls for a terminal.
std::string one_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Record make_record(const Host& host, const HostTable& table, const Vendors* vendors) {
  Record record;
  record.address = host.address.to_string();
  for (const net::MacAddress& mac : table.own_macs(host)) {
    record.cards.push_back({mac, vendors != nullptr ? vendors->name(mac) : std::string()});
  }
  record.interface = host.interface;
  record.source = name_of(host.source);
  if (host.round_trip) record.round_trip_ms = std::chrono::duration<double, std::milli>(*host.round_trip).count();
  record.requests = host.requests;
  record.flags = table.flags(host);
  record.name = host.name;
  record.peer = host.peer;
  return record;
}

std::string format_plain(const Record& record) {
  std::string text;
  for (const Record::Card& card : cards_or_blank(record)) {
    text += record.address + '\t' + mac_text(card.mac) + '\t' + net::escape(card.vendor);
    if (!record.flags.empty()) text += '\t' + joined(record.flags, ',');
    text += '\n';
  }
  return text;
}

std::string format_json(const Record& record, std::string_view event) {
  nlohmann::ordered_json json;
  if (!event.empty()) json["event"] = event;
  json.update(members_of(record));
  return one_line(json);
}

std::string format_event_json(const EventLine& line, const Record& record) {
  nlohmann::ordered_json json{{"event", line.event}, {"time", line.time}};
  if (!line.was.empty()) json["was"] = line.was;
  json.update(members_of(record));
  return one_line(json);
}

std::string format_event_text(const EventLine& line, const Record& record) {
  std::string text =
      line.time + "  " + std::string(line.event) + std::string(10 - std::min<std::size_t>(9, line.event.size()), ' ');
  text += record.address + std::string(record.address.size() < 16 ? 16 - record.address.size() : 1, ' ');
  for (const Record::Card& card : record.cards) text += card.mac.to_string() + "  " + net::escape(card.vendor) + "  ";
  if (!line.was.empty()) text += "(was " + line.was + ")";
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string format_event_plain(const EventLine& line, const Record& record) {
  const Record::Card card = record.cards.empty() ? Record::Card{} : record.cards.front();
  return std::string(line.event) + '\t' + record.address + '\t' + mac_text(card.mac) + '\t' + net::escape(card.vendor) +
         (line.was.empty() ? "" : '\t' + line.was) + '\n';
}

std::string format_csv_header() { return "address,mac,vendor,interface,source,rtt_ms,flags,name\n"; }

std::string format_csv(const Record& record) {
  std::string text;
  for (const Record::Card& card : cards_or_blank(record)) {
    text += record.address + ',' + mac_text(card.mac) + ',' + quoted(card.vendor) + ',' + quoted(record.interface) +
            ',' + std::string(record.source) + ',' +
            (record.round_trip_ms ? milliseconds_text(*record.round_trip_ms) : "") + ',' + joined(record.flags, ' ') +
            ',' + quoted(record.name) + '\n';
  }
  return text;
}

std::string format_table(const std::vector<Record>& records, std::size_t columns) {
  const std::vector<Row> rows = rows_of(records);
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (const auto column : {&Row::address, &Row::mac, &Row::round_trip, &Row::notes}) {
      if (!used(rows, column)) continue;
      const std::string& cell = row.*column;
      const std::string padding(widest(rows, column) - net::display_width(cell), ' ');
      // Numbers line up at their right end.
      line += (column == &Row::round_trip ? padding + cell : cell + padding) + "  ";
    }
    const std::size_t width = net::display_width(line);
    // A vendor cut to less than this says nothing; a terminal so narrow wraps the line instead.
    if (used(rows, &Row::vendor)) line += net::fit(row.vendor, std::max(columns, width + 8) - width);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace scanner
