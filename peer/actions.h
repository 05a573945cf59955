// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/send_queue.h"
#include "peer/buffer_pool.h"
#include "peer/files/chunk_set.h"
#include "peer/files/content_id.h"
#include "peer/ids.h"
#include "peer/standing_file.h"

/// What the node asks its driver to do, and the driver's answers about the disk.
namespace peer {

/// Connect; answer with Node::dialled or Node::dial_failed.
struct Dial {
  ConnectionId connection;
  net::Endpoint to;
};
/// Send what is queued as far as the socket takes it now, then close. The node has forgotten the connection, so what is
/// still to be sent travels in the action.
struct Close {
  ConnectionId connection;
  net::SendQueue last_words;
};
/// Open or create the partial file; claimed chunks are hashed again. Where the content stands already at its place (see
/// FinishStore) there is nothing to open; where it stands elsewhere on this host, it is copied from there. Answer with
/// Node::store_opened, before it, where it takes long, now and then with Node::store_opening.
struct OpenStore {
  TransferId transfer = 0;
  files::ContentId id = {};
  std::string folder = {};
  std::string path = {};
  std::int64_t mtime_s = 0;  ///< As in FinishStore.
  std::uint32_t mode = 0;
  std::optional<StandingFile> same = {};  ///< Where it stands already, for all that is known.
  bool pushed = false;                    ///< The folders it goes into are noted where they are new; see MakeFolder.
};
/// The chunk hashes, checked against the root; to be kept with the state record. No answer.
struct SetLayer {
  TransferId transfer;
  std::vector<files::Hash> layer;
};
/// Hash the buffer and write it where it matches. Answer with Node::chunk_stored, which gives the buffer back.
struct StoreChunk {
  TransferId transfer;
  std::uint32_t chunk;
  files::Hash expected;
  Buffer data;
};
/// For people: where a path stands beneath the folder of an action, which is empty for downloads/ of the home.
inline std::string place_of(const std::string& folder, const std::string& path) {
  return (folder.empty() ? "downloads" : folder) + "/" + path;
}
/// Make the complete file durable under its name. Answer with Node::store_finished.
struct FinishStore {
  TransferId transfer;
  std::string folder;  ///< Empty: downloads/ of the home.
  std::string path;    ///< Clean path relative to the folder.
  std::int64_t mtime_s;
  std::uint32_t mode;
};
/// Make a folder, and those above it; it may be there already. They are made in the order of the actions, each with its
/// time and mode, so those that are in others are to come first. Answer with Node::folder_made.
struct MakeFolder {
  FolderId id = 0;
  std::string path = {};    ///< Clean.
  std::string folder = {};  ///< Beneath which; empty: downloads/ of the home.
  std::optional<std::int64_t> mtime_s = {};
  /// The owner's bits, of which reading and entering are always given; 0: as it is.
  std::uint32_t mode = 0;
  bool pushed = true;  ///< Others brought it: one that was there before what they brought into it stays as it was.
};
/// Stop using the partial file; what is in it stays for a later attempt. No answer, and answers still under way are
/// ignored.
struct ReleaseStore {
  TransferId transfer;
};

/// Tell the user that something is not as it should be. No answer.
struct Warn {
  std::string message;
};

using Action = std::variant<Dial, Close, OpenStore, SetLayer, StoreChunk, FinishStore, ReleaseStore, MakeFolder, Warn>;

/// Actions in the order in which they are to be carried out.
using Outbox = std::vector<Action>;

/// How far an OpenStore has come.
struct StoreOpening {
  bool copying = false;     ///< From another file of this host; otherwise what is there is hashed.
  std::uint64_t bytes = 0;  ///< Of the file's, hashed or copied.
};

/// What became of an OpenStore.
struct StoreOpened {
  std::string error;  ///< Empty on success.
  /// Where the content stands already; then nothing else is set.
  std::optional<std::string> already_there;
  /// Chunks already there and verified now. Empty for a new file.
  files::ChunkSet have;
  /// The chunk hashes, where an earlier attempt had them.
  std::vector<files::Hash> layer;
  /// What verified chunks can be sent from while the download goes on.
  std::shared_ptr<const net::SendSource> source;
};

/// What became of a MakeFolder.
struct MadeFolder {
  bool there = false;      ///< One that was pushed was there before.
  std::string error = {};  ///< Empty on success.
};

/// What became of a StoreChunk.
struct ChunkStored {
  enum class Outcome { kWritten, kBadHash, kNoSpace, kFailed };
  std::uint32_t chunk = 0;
  Outcome outcome = Outcome::kFailed;
  std::string error;  ///< For people, where the outcome is kNoSpace or kFailed.
  Buffer data;
};

/// What became of a FinishStore.
struct StoreFinished {
  std::string error;           ///< Empty on success.
  std::string path;            ///< Where it is now, relative to the home folder; may differ from what was asked for.
  bool already_there = false;  ///< The same content stood there before.
};

}  // namespace peer
