// SPDX-License-Identifier: MIT
#include "peer/operations/events.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "net/check.h"
#include "net/rfc3339.h"

namespace peer::operations {
namespace {

/// For writing: fields stay in their order. Its look-up is linear, so it is not for what others wrote.
using Json = nlohmann::ordered_json;
using ReadJson = nlohmann::json;

constexpr std::size_t kMaxListening = 16;
/// A candidate's path can be as long as a line allows for all of them, so they are bounded together, as written.
constexpr std::size_t kMaxCandidatesWritten = 32 * 1024;

std::string dump(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

/// At most `limit` bytes; not cut inside of a UTF-8 sequence.
std::string cut(const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return text;
  auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80; };
  std::size_t end = limit;
  while (end > 0 && limit - end < 3 && continues(end)) --end;
  return text.substr(0, end);
}

class Writer {
 public:
  explicit Writer(const char* event) { json_["event"] = event; }

  void text(const char* name, const std::string& value, std::size_t limit = kMaxText) {
    json_[name] = cut(value, limit);
  }
  void number(const char* name, std::uint64_t value) { json_[name] = value; }
  void number(const char* name, int value) { json_[name] = value; }
  void number(const char* name, const std::optional<std::uint64_t>& value) {
    json_[name] = value ? Json(*value) : Json(nullptr);
  }
  /// Seconds, to the millisecond.
  void number(const char* name, double value) {
    json_[name] = std::isfinite(value) ? std::round(value * 1000) / 1000 : 0.0;
  }
  void flag(const char* name, bool value) { json_[name] = value; }
  void time(const char* name, const std::optional<std::int64_t>& seconds) {
    auto written = seconds ? net::to_rfc3339(*seconds) : std::nullopt;
    json_[name] = written ? Json(*written) : Json(nullptr);
  }
  void list(const char* name, const std::vector<std::string>& values) {
    auto& out = json_[name] = Json::array();
    for (std::size_t i = 0; i < values.size() && i < kMaxListening; ++i) out.push_back(cut(values[i], kMaxEndpoint));
  }
  void list(const char* name, const std::vector<Provider>& values) {
    auto& out = json_[name] = Json::array();
    for (std::size_t i = 0; i < values.size() && i < kMaxProviders; ++i)
      out.push_back({{"peer", cut(values[i].peer, kMaxEndpoint)}, {"name", cut(values[i].name, kMaxLabel)}});
  }
  void list(const char* name, const std::vector<Portion>& values) {
    auto& out = json_[name] = Json::array();
    for (std::size_t i = 0; i < values.size() && i < kMaxPortions; ++i)
      out.push_back({{"peer", cut(values[i].peer, kMaxEndpoint)},
                     {"name", cut(values[i].name, kMaxEndpoint)},
                     {"bytes", values[i].bytes},
                     {"rate", values[i].rate}});
  }
  void list(const char* name, const std::vector<Candidate>& values) {
    auto& out = json_[name] = Json::array();
    std::size_t written = 0;
    for (std::size_t i = 0; i < values.size() && i < kMaxCandidates; ++i) {
      Json item{{"path", cut(values[i].path, kMaxText)},
                {"id", cut(values[i].id, kMaxLabel)},
                {"size", values[i].size},
                {"providers_count", values[i].providers_count}};
      written += dump(item).size() + 1;
      if (written > kMaxCandidatesWritten) return;
      out.push_back(std::move(item));
    }
  }
  std::string line() const { return dump(json_); }

 private:
  Json json_;
};

class Reader {
 public:
  explicit Reader(const ReadJson& json) : json_(json) {}

  void text(const char* name, std::string& value, std::size_t = 0) {
    if (const ReadJson* field = find(name)) read(*field, value);
  }
  void number(const char* name, std::uint64_t& value) {
    if (const ReadJson* field = find(name)) read(*field, value);
  }
  void number(const char* name, int& value) {
    std::uint64_t wide = 0;
    number(name, wide);
    if (wide > 255) ok_ = false;
    value = static_cast<int>(wide & 255);
  }
  void number(const char* name, std::optional<std::uint64_t>& value) {
    const ReadJson* field = find(name);
    if (field && !field->is_null()) read(*field, value.emplace());
  }
  void number(const char* name, double& value) {
    const ReadJson* field = find(name);
    if (!field) return;
    if (!field->is_number() || !(field->get<double>() >= 0) || !std::isfinite(field->get<double>())) ok_ = false;
    if (ok_) value = field->get<double>();
  }
  void flag(const char* name, bool& value) {
    const ReadJson* field = find(name);
    if (!field) return;
    if (!field->is_boolean()) ok_ = false;
    if (ok_) value = field->get<bool>();
  }
  void time(const char* name, std::optional<std::int64_t>& seconds) {
    const ReadJson* field = find(name);
    if (!field || field->is_null()) return;
    std::string written;
    read(*field, written);
    seconds = net::from_rfc3339(written);
    if (!seconds) ok_ = false;
  }
  template <class T>
  void list(const char* name, std::vector<T>& values) {
    const ReadJson* field = find(name);
    if (!field) return;
    if (!field->is_array()) ok_ = false;
    if (ok_)
      for (const auto& item : *field) read(item, values.emplace_back());
  }
  bool ok() const { return ok_; }

 private:
  const ReadJson* find(const char* name) {
    auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  void read(const ReadJson& field, std::string& value) {
    if (field.is_string())
      value = field.get<std::string>();
    else
      ok_ = false;
  }
  void read(const ReadJson& field, std::uint64_t& value) {
    if (field.is_number_unsigned())
      value = field.get<std::uint64_t>();
    else
      ok_ = false;
  }
  template <class T>
  void read(const ReadJson& field, T& value);

  const ReadJson& json_;
  bool ok_ = true;
};

// Each event's fields, once for both directions: A is Writer with const events, or Reader.

template <class A, class E>
void peer_fields(A& a, E& e) {
  a.text("peer", e.peer, kMaxEndpoint);
  a.text("name", e.name, kMaxLabel);
}
template <class A, class E>
void portion_fields(A& a, E& e) {
  a.text("peer", e.peer, kMaxEndpoint);
  a.text("name", e.name, kMaxEndpoint);
  a.number("bytes", e.bytes);
  a.number("rate", e.rate);
}
template <class A, class E>
void file_fields(A& a, E& e) {
  a.text("path", e.path);
  a.text("id", e.id, kMaxLabel);
  a.number("size", e.size);
}
template <class A, class E>
void progress_fields(A& a, E& e) {
  a.number("done", e.done);
  a.number("total", e.total);
  a.number("rate", e.rate);
  a.number("eta", e.eta);
}
template <class A, class E>
void candidate_fields(A& a, E& e) {
  file_fields(a, e);
  a.number("providers_count", e.providers_count);
}

template <class T>
void Reader::read(const ReadJson& field, T& value) {
  if (!field.is_object()) {
    ok_ = false;
    return;
  }
  Reader inner(field);
  if constexpr (std::is_same_v<T, Provider>)
    peer_fields(inner, value);
  else if constexpr (std::is_same_v<T, Portion>)
    portion_fields(inner, value);
  else
    candidate_fields(inner, value);
  ok_ = ok_ && inner.ok();
}

template <class T, class E>
constexpr bool kIs = std::is_same_v<std::remove_const_t<T>, E>;

template <class A, class E>
void fields(A& a, E& e) {
  if constexpr (kIs<E, File>) {
    file_fields(a, e);
    a.time("mtime", e.mtime);
    a.list("providers", e.providers);
    a.number("providers_count", e.providers_count);
  } else if constexpr (kIs<E, Peer>) {
    a.text("endpoint", e.endpoint, kMaxEndpoint);
    a.text("name", e.name, kMaxLabel);
    a.text("node", e.node, kMaxLabel);
    a.text("state", e.state, kMaxLabel);
    a.number("files", e.files);
    a.text("error", e.error);
  } else if constexpr (kIs<E, FileAdded> || kIs<E, FileChanged> || kIs<E, FileRemoved>) {
    fields(a, e.file);
  } else if constexpr (kIs<E, PeerAdded> || kIs<E, PeerChanged> || kIs<E, PeerRemoved>) {
    fields(a, e.peer);
  } else if constexpr (kIs<E, Start> || kIs<E, Identity>) {
    file_fields(a, e);
  } else if constexpr (kIs<E, Progress>) {
    a.text("id", e.id, kMaxLabel);
    a.text("path", e.path);
    progress_fields(a, e);
    a.number("sources", e.sources);
    a.text("state", e.state, kMaxLabel);
  } else if constexpr (kIs<E, Done>) {
    file_fields(a, e);
    a.number("seconds", e.seconds);
    a.number("fetched", e.fetched);
    a.flag("already_there", e.already_there);
  } else if constexpr (kIs<E, Ambiguous>) {
    a.text("name", e.name);
    a.list("candidates", e.candidates);
    a.number("candidates_count", e.candidates_count);
  } else if constexpr (kIs<E, NotFound>) {
    a.text("name", e.name);
  } else if constexpr (kIs<E, FolderMade>) {
    a.text("path", e.path);
  } else if constexpr (kIs<E, Growing>) {
    peer_fields(a, e);
  } else if constexpr (kIs<E, Failed> || kIs<E, Paused>) {
    a.text("path", e.path);
    a.text("id", e.id, kMaxLabel);
    a.text("error", e.error);
  } else if constexpr (kIs<E, Error>) {
    a.text("error", e.error);
  } else if constexpr (kIs<E, PeerStatus>) {
    a.text("name", e.name, kMaxLabel);
    a.text("node", e.node, kMaxLabel);
    a.list("listening", e.listening);
    a.text("mode", e.mode, kMaxLabel);
    a.number("shared_files", e.shared_files);
    a.number("shared_bytes", e.shared_bytes);
    a.number("peers", e.peers);
    a.number("transfers", e.transfers);
    a.number("bytes_in", e.bytes_in);
    a.number("bytes_out", e.bytes_out);
    a.number("uptime", e.uptime);
    a.number("rate_in", e.rate_in);
    a.number("rate_out", e.rate_out);
    a.number("limit", e.limit);
    a.number("accept_push", e.accept_push);
  } else if constexpr (kIs<E, Verified>) {
    a.text("path", e.path);
    a.text("id", e.id, kMaxLabel);
    a.flag("ok", e.ok);
    a.text("error", e.error);
  } else if constexpr (kIs<E, PushBegun>) {
    a.number("files", e.files);
    a.number("bytes", e.bytes);
    a.number("left_out", e.left_out);
  } else if constexpr (kIs<E, LeftOut>) {
    a.text("path", e.path);
    a.text("reason", e.reason);
    a.flag("failed", e.failed);
  } else if constexpr (kIs<E, ReceiverProgress>) {
    peer_fields(a, e);
    progress_fields(a, e);
    a.text("state", e.state, kMaxLabel);
  } else if constexpr (kIs<E, Receiver>) {
    peer_fields(a, e);
    a.text("node", e.node, kMaxLabel);
    a.text("state", e.state, kMaxLabel);
    a.number("files", e.files);
    a.number("there", e.there);
    a.number("failed", e.failed);
    a.number("bytes", e.bytes);
    a.number("moved", e.moved);
    a.number("sent", e.sent);
    a.number("seconds", e.seconds);
    a.text("error", e.error);
  } else if constexpr (kIs<E, Fetching>) {
    a.text("path", e.path);
    a.text("id", e.id, kMaxLabel);
    progress_fields(a, e);
    a.text("state", e.state, kMaxLabel);
    a.list("sources", e.sources);
    a.number("sources_count", e.sources_count);
  } else if constexpr (kIs<E, Sending>) {
    peer_fields(a, e);
    file_fields(a, e);
    a.number("bytes", e.bytes);
    a.number("rate", e.rate);
  } else if constexpr (kIs<E, Download>) {
    a.time("time", e.time);
    file_fields(a, e);
    a.number("bytes", e.bytes);
    a.number("seconds", e.seconds);
    a.number("rate", e.rate);
    a.text("result", e.result, kMaxLabel);
    a.text("error", e.error, kMaxError);
    a.list("sources", e.sources);
    a.number("sources_count", e.sources_count);
  } else if constexpr (kIs<E, Upload>) {
    a.time("time", e.time);
    peer_fields(a, e);
    file_fields(a, e);
    a.number("bytes", e.bytes);
    a.number("seconds", e.seconds);
    a.number("rate", e.rate);
    a.text("result", e.result, kMaxLabel);
  } else {
    static_assert(kIs<E, Summary>);
    a.number("exit", e.exit);
    a.number("files", e.files);
    a.number("failed", e.failed);
    a.number("peers", e.peers);
    a.number("bytes", e.bytes);
    a.number("seconds", e.seconds);
  }
}

/// In the order of Event's alternatives.
constexpr const char* kNames[] = {"file",         "peer",         "start",      "progress",
                                  "done",         "ambiguous",    "not_found",  "failed",
                                  "paused",       "error",        "status",     "id",
                                  "verify",       "push",         "left_out",   "receiver_progress",
                                  "receiver",     "fetching",     "sending",    "download",
                                  "upload",       "folder",       "growing",    "file_added",
                                  "file_changed", "file_removed", "peer_added", "peer_changed",
                                  "peer_removed", "summary"};
static_assert(std::size(kNames) == std::variant_size_v<Event>);

template <std::size_t I = 0>
net::Result<Event, EventError> parse_as(const std::string& name, const ReadJson& json) {
  if constexpr (I == std::variant_size_v<Event>) {
    return net::Failure{EventError::kUnknown};
  } else {
    if (name != kNames[I]) return parse_as<I + 1>(name, json);
    std::variant_alternative_t<I, Event> event;
    Reader reader(json);
    fields(reader, event);
    if (!reader.ok()) return net::Failure{EventError::kBadField};
    return Event(std::move(event));
  }
}

}  // namespace

std::string to_json_line(const Event& event) {
  Writer writer(kNames[event.index()]);
  std::visit([&](const auto& e) { fields(writer, e); }, event);
  auto line = writer.line();
  CHECK(line.size() <= kMaxEventLine);
  return line;
}

net::Result<Event, EventError> parse_json_line(std::string_view line) {
  if (line.size() > kMaxEventLine) return net::Failure{EventError::kNotJson};
  auto json = ReadJson::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return net::Failure{EventError::kNotJson};
  auto name = json.find("event");
  if (name == json.end() || !name->is_string()) return net::Failure{EventError::kNotJson};
  return parse_as(name->get<std::string>(), json);
}

}  // namespace peer::operations
