// SPDX-License-Identifier: MIT
#include "peer/members/announce_message.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "net/clean_path.h"
#include "net/utf8.h"
#include "peer/wire/messages.h"

namespace peer::members {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr int kMaxDepth = 3;

// --- what both sides agree on ---

bool is_clean_user(std::string_view user) {
  if (user.size() > wire::kMaxNameSize) return false;
  while (!user.empty()) {
    auto point = net::decode_utf8(user);
    if (!point || point->value < 0x20 || (point->value >= 0x7f && point->value <= 0x9f)) return false;
    user.remove_prefix(point->length);
  }
  return true;
}

std::string instance_text(std::uint64_t instance) {
  net::ByteWriter writer;
  writer.u64(instance);
  return net::to_hex(writer.view());
}

std::uint64_t announced(std::uint64_t number) { return std::min(number, kMaxAnnouncedNumber); }

/// Levels of arrays and objects; text that is no JSON may give any number. Looked at before parsing, so that the parser
/// builds nothing for hostile nesting.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// --- writing ---

OrderedJson head_of(const Announcement& announcement) {
  OrderedJson json;
  json["p2p"] = kVersion;
  json["op"] = announcement.op == Announcement::Op::kLeave ? "leave" : "announce";
  json["id"] = net::to_hex(announcement.id);
  json["instance"] = instance_text(announcement.instance);
  return json;
}

/// Puts as many files as fit behind what stands in `text`, a JSON object.
void add_files(std::string& text, const std::vector<AnnouncedFile>& files, std::size_t limit) {
  const std::string begin = ",\"files\":[";
  const std::size_t around = begin.size() + 1;  // And the ']'.
  std::string list;
  for (const AnnouncedFile& file : files) {
    if (!net::is_clean_path(file.name) || file.size > kMaxAnnouncedNumber) continue;
    OrderedJson json;
    json["name"] = file.name;
    json["size"] = file.size;
    std::string item = (list.empty() ? "" : ",") + json.dump();
    if (text.size() + around + list.size() + item.size() > limit) break;
    list += item;
  }
  if (!list.empty()) text.insert(text.size() - 1, begin + list + "]");
}

// --- reading ---

/// Reads fields of an object; one that is missing or wrong makes it fail for good.
class Fields {
 public:
  explicit Fields(const Json& json) : json_(json) {}
  bool ok() const { return ok_; }

  std::uint64_t number(const char* name, std::uint64_t most) {
    const Json* found = find(name);
    if (found == nullptr || !found->is_number_unsigned() || found->get<std::uint64_t>() > most)
      return fail(std::uint64_t{0});
    return found->get<std::uint64_t>();
  }
  std::string text(const char* name) {
    const Json* found = find(name);
    if (found == nullptr || !found->is_string()) return fail(std::string());
    return found->get<std::string>();
  }
  void hex(const char* name, std::span<std::byte> out) {
    if (!net::from_hex(text(name), out)) ok_ = false;
  }
  /// Null where it is missing, which is no mistake.
  const Json* find(const char* name) const {
    auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  void check(bool right) { ok_ = ok_ && right; }

 private:
  template <class T>
  T fail(T nothing) {
    ok_ = false;
    return nothing;
  }

  const Json& json_;
  bool ok_ = true;
};

void read_files(const Json& list, Fields& fields, Announcement& out) {
  fields.check(list.is_array());
  if (!list.is_array()) return;
  for (const Json& item : list) {
    fields.check(item.is_object());
    if (!fields.ok()) return;
    Fields of_file(item);
    AnnouncedFile file{of_file.text("name"), of_file.number("size", kMaxAnnouncedNumber)};
    fields.check(of_file.ok() && net::is_clean_path(file.name));
    out.files.push_back(std::move(file));
  }
}

void read_announce(Fields& fields, Announcement& out) {
  if (fields.find("user") != nullptr) out.user = fields.text("user");
  fields.check(is_clean_user(out.user));
  out.port = static_cast<std::uint16_t>(fields.number("port", 65535));
  out.revision = fields.number("rev", kMaxAnnouncedNumber);
  out.count = fields.number("count", kMaxAnnouncedNumber);
  if (const Json* list = fields.find("files")) read_files(*list, fields, out);
}

}  // namespace

std::optional<std::string> encode_announcement(const Announcement& announcement, std::size_t limit) {
  limit = std::min(limit, kMaxAnnouncementSize);
  OrderedJson json = head_of(announcement);
  if (announcement.op == Announcement::Op::kLeave) {
    std::string text = json.dump();
    return text.size() <= limit ? std::optional(std::move(text)) : std::nullopt;
  }
  const bool named = !announcement.user.empty() && is_clean_user(announcement.user);
  if (named) json["user"] = announcement.user;
  json["port"] = announcement.port;
  json["rev"] = announced(announcement.revision);
  json["count"] = announced(announcement.count);
  std::string text = json.dump();
  if (text.size() > limit && named) {
    json.erase("user");
    text = json.dump();
  }
  if (text.size() > limit) return std::nullopt;
  add_files(text, announcement.files, limit);
  return text;
}

net::Result<Announcement, AnnouncementError> parse_announcement(net::ByteView datagram) {
  if (datagram.size() > kMaxAnnouncementSize) return net::Failure{AnnouncementError::kTooLong};
  const std::string_view text = net::as_text(datagram);
  if (is_too_deep(text)) return net::Failure{AnnouncementError::kTooDeep};
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return net::Failure{AnnouncementError::kNotJson};

  Fields fields(json);
  const Json* version = fields.find("p2p");
  const Json* op = fields.find("op");
  if (version == nullptr || op == nullptr || !op->is_string()) return net::Failure{AnnouncementError::kBadField};
  const bool leaves = *op == "leave";
  if (*version != kVersion || (!leaves && *op != "announce")) return net::Failure{AnnouncementError::kUnknown};

  Announcement out;
  out.op = leaves ? Announcement::Op::kLeave : Announcement::Op::kAnnounce;
  fields.hex("id", out.id);
  net::Bytes instance(sizeof out.instance);
  fields.hex("instance", instance);
  out.instance = net::ByteReader(instance).u64();
  if (!leaves) read_announce(fields, out);
  if (!fields.ok()) return net::Failure{AnnouncementError::kBadField};
  return out;
}

}  // namespace peer::members
