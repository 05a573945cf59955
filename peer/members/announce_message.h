// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/bytes.h"
#include "net/result.h"
#include "peer/ids.h"

/// The datagrams by which peers find each other: p2p-protocol(7), ANNOUNCEMENTS.
namespace peer::members {

/// Longest datagram, either way: it fits one frame of every link.
inline constexpr std::size_t kMaxAnnouncementSize = 1200;
/// Numbers in JSON are exact up to here for everybody (RFC 8259 section 6).
inline constexpr std::uint64_t kMaxAnnouncedNumber = (std::uint64_t{1} << 53) - 1;

struct AnnouncedFile {
  std::string name;  ///< A clean path (net::is_clean_path).
  std::uint64_t size = 0;
  bool operator==(const AnnouncedFile&) const = default;
};

/// All that it says is unproven, its sender included.
struct Announcement {
  enum class Op { kAnnounce, kLeave };

  Op op = Op::kAnnounce;
  NodeId id{};
  std::uint64_t instance = 0;  ///< As in HELLO: another for each process.
  // The rest is not in a leave.
  std::string user;            ///< At most wire::kMaxNameSize bytes of UTF-8 without control characters; may be empty.
  std::uint16_t port = 0;      ///< TCP; 0: it only asks who is there.
  std::uint64_t revision = 0;  ///< Of what it offers; at most kMaxAnnouncedNumber, as the other numbers.
  std::uint64_t count = 0;     ///< Of the files it offers.
  std::vector<AnnouncedFile> files;  ///< Some of them.
  bool operator==(const Announcement&) const = default;
};

/// The datagram: the files that fit are in it, the first ones first; the user's name is left out where there is no room
/// for it. What the parser would refuse is mended: a name that is too long or not clean is left out, as is such a
/// file, and numbers are cut to the largest. Nothing when even the rest has more than `limit` bytes.
std::optional<std::string> encode_announcement(const Announcement& announcement,
                                               std::size_t limit = kMaxAnnouncementSize);

enum class AnnouncementError {
  kTooLong,
  kNotJson,   ///< Or not UTF-8, or no object.
  kTooDeep,   ///< More than three levels.
  kUnknown,   ///< Of another version or with another operation: not a mistake.
  kBadField,  ///< One is missing, of the wrong type or out of its range.
};

/// Reads a datagram. Unknown fields are passed over. (threats T09, T45, T52)
net::Result<Announcement, AnnouncementError> parse_announcement(net::ByteView datagram);

}  // namespace peer::members
