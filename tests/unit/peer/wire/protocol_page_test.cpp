// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "net/frame.h"
#include "peer/files/merkle.h"
#include "peer/legacy/pickle_opcode.h"
#include "peer/legacy/pickle_writer.h"
#include "peer/wire/messages.h"
#include "peer/wire/peer_gossip.h"

/// Holds man/p2p-protocol.7 against the code: its hex examples byte for byte, its tables row by row. Runs from the
/// project's root.
namespace peer::wire {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Page {
  std::map<std::string, std::string> examples;  ///< Hex digits, by name.
  std::map<std::string, Rows> rows;             ///< Cells of the column lists, by section.
};

/// The hex pairs at the front of a line; the comment follows three spaces.
std::string hex_of(const std::string& line) {
  std::string hex = line.substr(0, line.find("   "));
  std::erase(hex, ' ');
  return hex;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t from = 0;
  for (std::size_t at; (at = line.find(" Ta ", from)) != std::string::npos; from = at + 4) {
    cells.push_back(line.substr(from, at - from));
  }
  cells.push_back(line.substr(from));
  return cells;
}

Page read_page() {
  Page page;
  std::ifstream in("man/p2p-protocol.7");
  EXPECT_TRUE(in) << "run from the project's root";
  const std::string example_mark = ".Ss Example: ";
  std::string section, example;
  bool literal = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(".Sh ")) section = line.substr(4);
    if (line.starts_with(example_mark)) example = line.substr(example_mark.size());
    if (line.starts_with(".It ") && line.find(" Ta ") != std::string::npos) {
      page.rows[section].push_back(cells_of(line.substr(4)));
    }
    if (line == ".Ed") literal = false;
    if (literal && section == "EXAMPLES") page.examples[example] += hex_of(line);
    if (line.starts_with(".Bd -literal")) literal = true;
  }
  return page;
}

const Page& page() {
  static const Page kPage = read_page();
  return kPage;
}

net::Bytes bytes_of_hex(const std::string& hex) {
  net::Bytes out(hex.size() / 2);
  EXPECT_TRUE(net::from_hex(hex, out)) << hex;
  return out;
}

/// The content of the page's file of `length` bytes.
files::ContentId id_of(std::uint64_t length) {
  files::TreeHasher hasher;
  net::Bytes bytes;
  for (std::uint64_t i = 0; i < length; ++i) bytes.push_back(static_cast<std::byte>((7 * i + 3) & 255));
  hasher.update(bytes);
  return hasher.finish().id;
}

/// What the page says that its examples are.
std::map<std::string, Message> example_messages() {
  const files::ContentId small = id_of(16384), larger = id_of(16385);
  using Kind = files::CatalogEntry::Kind;
  Hello hello{1, 0, {}, 0x1122334455667788, 12345, "desk"};
  for (std::size_t i = 0; i < 32; ++i) hello.public_key[i] = static_cast<std::byte>(i);
  return {
      {"HELLO", hello},
      {"CATALOG_GET", CatalogGet{1, 0, ""}},
      {"CATALOG", Catalog{1,
                          5,
                          false,
                          true,
                          false,
                          {{Kind::kFile, "a/b.txt", small, 1700000000, 0600}, {Kind::kFolder, "empty", {}, -1, 0700}},
                          0}},
      {"CATALOG_CHANGED", CatalogChanged{6}},
      {"LAYER_GET", LayerGet{2, larger, 0, 0, 2}},
      {"LAYER", Layer{2, {small.root}}},
      {"CHUNK_GET", ChunkGet{3, larger, 3, 0, {}, 16384, 1}},
      {"CHUNK_GET your choice", ChunkGet{4, larger, 3, kYourChoice, {std::byte{0}}, 0, 0}},
      {"CHUNK", Chunk{{3, 0, 16384}, {std::byte{3}}}},
      {"CANCEL", Cancel{3}},
      {"INTEREST", Interest{small, 3, true}},
      {"HAVE", Have{small, 3, false, {{0, 1}}}},
      {"OFFER", Offer{5, {{Kind::kFile, "b.txt", small, 1700000000, 0600}}, 0}},
      {"OFFER_ANSWER", OfferAnswer{5, false, ErrorCode::kRefused}},
      {"OFFER_STATUS", OfferStatus{5, true, 1, 0, 0, 16384, 16384, ErrorCode::kNone, ""}},
      {"PING", Ping{1}},
      {"PONG", Pong{1}},
      {"ERROR", Error{3, ErrorCode::kNotFound, "gone"}},
      {"BYE", Bye{ErrorCode::kLeaving}},
      {"PEERS_SEEN", PeersSeen{{{*net::Endpoint::parse("10.0.0.2"), 0}, {*net::Endpoint::parse("[fd00::1]"), 60}}}},
  };
}

TEST(ProtocolPage, ExamplesAreTheBytesOfTheMessages) {
  const auto messages = example_messages();
  std::set<MessageType> shown;
  for (const auto& [name, message] : messages) {
    ASSERT_TRUE(page().examples.contains(name)) << name;
    EXPECT_EQ(net::to_hex(encode(message)), page().examples.at(name)) << name;
    shown.insert(type_of(message));
  }
  EXPECT_EQ(page().examples.size(), messages.size() + 2) << "and the peer list, and the answer to req";
  EXPECT_EQ(shown.size(), std::variant_size_v<Message>) << "each message has an example";
}

TEST(ProtocolPage, ExamplesAreRead) {
  for (const auto& [name, message] : example_messages()) {
    const net::Bytes bytes = bytes_of_hex(page().examples.at(name));
    const auto header = net::decode_frame_header(bytes);
    ASSERT_TRUE(header) << name;
    const auto decoded = decode(header->type, net::ByteView(bytes).subspan(net::FrameHeader::kSize));
    ASSERT_TRUE(decoded.ok()) << name;
    EXPECT_EQ(*decoded, message) << name;
  }
}

TEST(ProtocolPage, ThePeerListExampleIsTheList) {
  const std::vector<net::Endpoint> peers = {*net::Endpoint::parse("10.0.0.2"), *net::Endpoint::parse("10.0.0.3:2000"),
                                            *net::Endpoint::parse("[fd00::1]")};
  EXPECT_EQ(net::to_hex(encode_peer_gossip(peers)), page().examples.at("PEERS"));
}

TEST(ProtocolPage, TheAnswerToReqIsAPickle) {
  net::Bytes bytes = legacy::pickle_begin();
  const auto add = [&](net::ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
  add(legacy::pickle_item_header(3));
  add(net::as_bytes("hi\n"));
  add(legacy::pickle_item_header(0));
  add(legacy::pickle_end());
  EXPECT_EQ(net::to_hex(bytes), page().examples.at("an answer to req"));
}

TEST(ProtocolPage, TheTableOfOpcodesIsTrue) {
  std::size_t rows = 0, read = 0;
  for (const auto& row : page().rows.at("OLDER PROGRAMS")) {
    if (row[0].starts_with("Em")) continue;
    const legacy::Opcode* opcode = legacy::find_opcode(static_cast<std::uint8_t>(std::stoi(row.at(1), nullptr, 16)));
    ASSERT_NE(opcode, nullptr) << row[0];
    EXPECT_EQ(row[0], opcode->name);
    EXPECT_NE(opcode->argument, legacy::Opcode::Argument::kRefused) << row[0];
    ++rows;
  }
  for (const legacy::Opcode& opcode : legacy::opcodes()) read += opcode.argument != legacy::Opcode::Argument::kRefused;
  EXPECT_EQ(rows, read);
}

TEST(ProtocolPage, TheTableOfTypesIsTrue) {
  std::set<std::uint8_t> seen;
  for (const auto& row : page().rows.at("FRAMES")) {
    if (!row[0].starts_with("0x")) continue;
    ASSERT_EQ(row.size(), 3u);
    const auto type = static_cast<std::uint8_t>(std::stoi(row[0], nullptr, 16));
    EXPECT_EQ(row[1], name_of(static_cast<MessageType>(type)));
    EXPECT_EQ(row[2], std::to_string(max_payload(type))) << row[1];
    if (is_known(type)) seen.insert(type);
  }
  EXPECT_EQ(seen.size(), std::variant_size_v<Message>);
}

TEST(ProtocolPage, TheTableOfErrorsIsTrue) {
  std::uint16_t expected = 0;
  for (const auto& row : page().rows.at("ERROR CODES")) {
    if (row[0] == "Em code") continue;
    EXPECT_EQ(row[0], std::to_string(expected));
    EXPECT_EQ(row[1], text_of(static_cast<ErrorCode>(expected)));
    ++expected;
  }
  EXPECT_EQ(expected, static_cast<std::uint16_t>(ErrorCode::kClosed)) << "which is never on the wire";
}

TEST(ProtocolPage, TheTablesOfRootsAndChunkSizesAreTrue) {
  int roots = 0, sizes = 0;
  for (const auto& row : page().rows.at("FILES")) {
    if (row[0].starts_with("Em")) continue;
    const std::uint64_t length = std::stoull(row[0]);
    if (row.size() == 2) {
      EXPECT_EQ(net::to_hex(id_of(length).root), row[1]) << length;
      ++roots;
    } else {
      const files::ChunkGrid grid = files::chunk_grid(length);
      EXPECT_EQ(row[1], std::to_string(grid.chunk_size)) << length;
      EXPECT_EQ(row[2], std::to_string(grid.level())) << length;
      if (length < files::kMaxFileLength) {
        EXPECT_EQ(files::chunk_grid(length + 1).chunk_size, 2 * grid.chunk_size);
      }
      ++sizes;
    }
  }
  EXPECT_EQ(roots, 2);
  EXPECT_EQ(sizes, 6);
}

}  // namespace
}  // namespace peer::wire
