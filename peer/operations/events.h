// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/result.h"

/// What operations tell, one JSON object a line (JSON Lines): `p2ppeer --json` prints these lines as they are, the
/// control socket carries them as data lines, and peer/view renders them for people. The first field is always "event";
/// the others bear the names of the members below. Fields may be added, never renamed.
///
/// Lines are ASCII: what is not is written as \uXXXX, so no text in them does anything to a terminal. Bytes that are
/// not UTF-8 become U+FFFD. Text longer than the limits below is cut, lists are shortened (their *_count tells the true
/// number), so that a line never exceeds what one data line of the control socket may hold.
namespace peer::operations {

inline constexpr std::size_t kMaxText = 4096;      ///< Bytes of a path, a name that was asked for, an error.
inline constexpr std::size_t kMaxLabel = 256;      ///< Bytes of a peer's name, an id, a state.
inline constexpr std::size_t kMaxEndpoint = 64;    ///< Bytes of an endpoint.
inline constexpr std::size_t kMaxProviders = 16;   ///< Listed for a file.
inline constexpr std::size_t kMaxCandidates = 64;  ///< Listed for an ambiguous name; fewer where their paths are long.
inline constexpr std::size_t kMaxPortions = 16;    ///< Sources listed for a download.
inline constexpr std::size_t kMaxEventLine = 64 * 1024;

struct Provider {
  std::string peer;  ///< Endpoint.
  std::string name;
  bool operator==(const Provider&) const = default;
};

/// "file": something the network offers.
struct File {
  std::string path;
  std::string id;  ///< p2p:<64 hex>:<length>
  std::uint64_t size = 0;
  std::optional<std::int64_t> mtime;  ///< Seconds since the epoch; in JSON RFC 3339 in UTC, null outside 0000..9999.
  std::vector<Provider> providers;
  std::uint64_t providers_count = 0;
  bool operator==(const File&) const = default;
};

/// "peer": somebody we know of.
struct Peer {
  std::string endpoint;
  std::string name;
  std::string node;   ///< 64 hex; empty while unknown.
  std::string state;  ///< connected, reachable (when it was visited), unreachable
  std::uint64_t files = 0;
  std::string error;  ///< Why it is unreachable; empty otherwise.
  bool operator==(const Peer&) const = default;
};

/// "file_added", "file_changed", "file_removed" and the same of peers: what --watch tells.
enum class Change { kAdded, kChanged, kRemoved };
template <Change>
struct FileChange {
  File file;
  bool operator==(const FileChange&) const = default;
};
template <Change>
struct PeerChange {
  Peer peer;
  bool operator==(const PeerChange&) const = default;
};
using FileAdded = FileChange<Change::kAdded>;
using FileChanged = FileChange<Change::kChanged>;
using FileRemoved = FileChange<Change::kRemoved>;
using PeerAdded = PeerChange<Change::kAdded>;
using PeerChanged = PeerChange<Change::kChanged>;
using PeerRemoved = PeerChange<Change::kRemoved>;

/// "start": a download begins.
struct Start {
  std::string path, id;
  std::uint64_t size = 0;
  bool operator==(const Start&) const = default;
};

/// "progress": how far a download is. Told at most a few times a second.
struct Progress {
  std::string id, path;
  std::uint64_t done = 0, total = 0;  ///< Bytes, verified ones; while hashing those hashed.
  std::uint64_t rate = 0;             ///< Bytes a second that come from others.
  std::optional<std::uint64_t> eta;   ///< Seconds.
  std::uint64_t sources = 0;
  std::string state;  ///< hashing, copying, fetching, paused, finishing
  bool operator==(const Progress&) const = default;
};

/// "done": a download is complete and durable.
struct Done {
  std::string path;  ///< Where it is now, relative to the home folder.
  std::string id;
  std::uint64_t size = 0;
  double seconds = 0;
  std::uint64_t fetched = 0;   ///< Bytes that came from others this time.
  bool already_there = false;  ///< The same content stood there before.
  bool operator==(const Done&) const = default;
};

/// "ambiguous": a name stands for different contents; nothing was fetched.
struct Candidate {
  std::string path, id;
  std::uint64_t size = 0;
  std::uint64_t providers_count = 0;
  bool operator==(const Candidate&) const = default;
};
struct Ambiguous {
  std::string name;
  std::vector<Candidate> candidates;
  std::uint64_t candidates_count = 0;
  bool operator==(const Ambiguous&) const = default;
};

/// "growing": a peer is still hashing what it shares, so what it offers now is not all.
struct Growing {
  std::string peer;  ///< Endpoint.
  std::string name;
  bool operator==(const Growing&) const = default;
};

/// "not_found": nobody offers it.
struct NotFound {
  std::string name;
  bool operator==(const NotFound&) const = default;
};

/// "failed": one download did not succeed; what was fetched is kept.
struct Failed {
  std::string path, id, error;
  bool operator==(const Failed&) const = default;
};

/// "paused": one download waits, for the reason that `error` gives, and will go on by itself.
struct Paused {
  std::string path, id, error;
  bool operator==(const Paused&) const = default;
};

/// "folder": of a word that means folders in which there are no files, one that is there now.
struct FolderMade {
  std::string path;  ///< As that of Done.
  bool operator==(const FolderMade&) const = default;
};

/// "error": the whole operation could not be carried out.
struct Error {
  std::string error;
  bool operator==(const Error&) const = default;
};

/// "status": how this peer is doing.
struct PeerStatus {
  std::string name, node;
  std::vector<std::string> listening;  ///< Endpoints, at most 16.
  std::string mode;                    ///< open, group
  std::uint64_t shared_files = 0, shared_bytes = 0;
  std::uint64_t peers = 0;      ///< Connected ones.
  std::uint64_t transfers = 0;  ///< Downloads under way.
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t uptime = 0;                       ///< Seconds.
  std::uint64_t rate_in = 0, rate_out = 0;        ///< Bytes a second, now.
  std::optional<std::uint64_t> limit = {};        ///< Bytes a second, up and down each.
  std::optional<std::uint64_t> accept_push = {};  ///< Bytes of pushes that are accepted in all; nothing: none.
  bool operator==(const PeerStatus&) const = default;
};

/// What one source has sent of a download.
struct Portion {
  std::string peer;  ///< Endpoint.
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t rate = 0;  ///< Bytes a second: now, or where the download has ended over all its time.
  bool operator==(const Portion&) const = default;
};

/// "fetching": of `status`, a download under way.
struct Fetching {
  std::string path, id;
  std::uint64_t done = 0, total = 0;  ///< As in Progress.
  std::uint64_t rate = 0;             ///< Bytes a second that come from others.
  std::optional<std::uint64_t> eta;   ///< Seconds.
  std::string state;                  ///< As in Progress.
  std::vector<Portion> sources;       ///< Those that have sent something.
  std::uint64_t sources_count = 0;    ///< Those that it can be asked of now.
  bool operator==(const Fetching&) const = default;
};

/// "sending": of `status`, what a peer is taking.
struct Sending {
  std::string peer, name;  ///< Endpoint, and what it calls itself.
  std::string path, id;
  std::uint64_t size = 0;
  std::uint64_t bytes = 0;  ///< That it took by now.
  std::uint64_t rate = 0;   ///< Bytes a second.
  bool operator==(const Sending&) const = default;
};

/// "download": of client.log and `history`, a download that has ended.
struct Download {
  std::optional<std::int64_t> time;  ///< When; as File's mtime.
  std::string path, id;
  std::uint64_t size = 0;
  std::uint64_t bytes = 0;  ///< That came from others.
  double seconds = 0;
  std::uint64_t rate = 0;        ///< Bytes a second, over all the time.
  std::string result;            ///< done, already_there, failed, cancelled
  std::string error;             ///< Why it failed; at most kMaxError bytes.
  std::vector<Portion> sources;  ///< Those that have sent something, the most first.
  std::uint64_t sources_count = 0;
  bool operator==(const Download&) const = default;
};
inline constexpr std::size_t kMaxError = 1024;

/// "upload": of server.log and `history`, what a peer took of a file.
struct Upload {
  std::optional<std::int64_t> time;
  std::string peer, name, path, id;
  std::uint64_t size = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  std::uint64_t rate = 0;
  std::string result;  ///< whole, part, closed, running
  bool operator==(const Upload&) const = default;
};

/// "id": the identity of a local file.
struct Identity {
  std::string path, id;
  std::uint64_t size = 0;
  bool operator==(const Identity&) const = default;
};

/// "verify": whether a local file has the identity that was named.
struct Verified {
  std::string path, id;
  bool ok = false;
  std::string error;  ///< Why not.
  bool operator==(const Verified&) const = default;
};

/// "push": what is pushed is known, and offered from now on.
struct PushBegun {
  std::uint64_t files = 0;  ///< And folders.
  std::uint64_t bytes = 0;
  std::uint64_t left_out = 0;
  bool operator==(const PushBegun&) const = default;
};

/// "left_out": something that is not pushed.
struct LeftOut {
  std::string path, reason;
  bool failed = false;  ///< It should have been.
  bool operator==(const LeftOut&) const = default;
};

/// "receiver_progress": how far one receiver is. Told at most twice a second.
struct ReceiverProgress {
  std::string peer;  ///< Endpoint.
  std::string name;
  std::uint64_t done = 0, total = 0;  ///< Bytes that it has, verified ones.
  std::uint64_t rate = 0;             ///< Bytes a second.
  std::optional<std::uint64_t> eta;   ///< Seconds.
  std::string state;                  ///< asked, fetching, paused
  bool operator==(const ReceiverProgress&) const = default;
};

/// "receiver": what has become of a push at one receiver.
struct Receiver {
  std::string peer;  ///< Endpoint.
  std::string name;
  std::string node;          ///< 64 hex; empty where it was not reached.
  std::string state;         ///< done, partly, refused, failed, unreachable, stopped
  std::uint64_t files = 0;   ///< That it has now, and folders.
  std::uint64_t there = 0;   ///< Of those, the ones that it had before.
  std::uint64_t failed = 0;  ///< That it has not.
  std::uint64_t bytes = 0;   ///< That it has now.
  std::uint64_t moved = 0;   ///< Of those, what came to it over the network, from whomever.
  std::uint64_t sent = 0;    ///< What this peer sent to it, all included.
  double seconds = 0;
  std::string error;  ///< Why it has not everything.
  bool operator==(const Receiver&) const = default;
};

/// "summary": the last line of every operation.
struct Summary {
  int exit = 0;              ///< 0..255
  std::uint64_t files = 0;   ///< Listed, fetched, or pushed.
  std::uint64_t failed = 0;  ///< Not fetched, whatever the reason; of a push: receivers that have not everything.
  std::uint64_t peers = 0;   ///< Connected ones; of a push: its receivers.
  std::uint64_t bytes = 0;   ///< Of the files; for downloads those that came from others; of a push: that moved.
  double seconds = 0;
  bool operator==(const Summary&) const = default;
};

using Event = std::variant<File, Peer, Start, Progress, Done, Ambiguous, NotFound, Failed, Paused, Error, PeerStatus,
                           Identity, Verified, PushBegun, LeftOut, ReceiverProgress, Receiver, Fetching, Sending,
                           Download, Upload, FolderMade, Growing, FileAdded, FileChanged, FileRemoved, PeerAdded,
                           PeerChanged, PeerRemoved, Summary>;

/// One line, without its end; at most kMaxEventLine bytes of printable ASCII.
std::string to_json_line(const Event& event);

enum class EventError {
  kNotJson,   ///< Not one JSON object with a text "event".
  kUnknown,   ///< An event that this version does not know; to be passed by.
  kBadField,  ///< A field of a known event has another type or range. Missing ones count as empty, unknown ones are
              ///< skipped.
};
net::Result<Event, EventError> parse_json_line(std::string_view line);

}  // namespace peer::operations
