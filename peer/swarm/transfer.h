// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/rate.h"
#include "net/send_queue.h"
#include "net/time.h"
#include "peer/actions.h"
#include "peer/files/chunk_set.h"
#include "peer/files/content_id.h"
#include "peer/files/merkle.h"
#include "peer/ids.h"
#include "peer/swarm/picker.h"

namespace peer::swarm {

/// What to fetch, and where it is to stand in the end.
struct FetchRequest {
  files::ContentId id;
  std::string folder;  ///< Empty: downloads/ of the home.
  std::string path;    ///< Clean path relative to the folder.
  std::int64_t mtime_s = 0;
  std::uint32_t mode = 0600;
  bool waits_for_room = false;  ///< A disk that is full makes it pause rather than fail.
  bool pushed = false;          ///< Others brought it.
};

/// What a transfer wants sent. Request numbers are the transfer's owner's: see Transfer::plan.
struct ChunkOrder {
  ConnectionId source;
  std::uint32_t chunk;
};
struct CancelOrder {
  /// In place of a chunk: all that was left to the source to choose.
  static constexpr std::uint32_t kChoices = 0xffffffff;

  ConnectionId source;
  std::uint32_t chunk;
};
struct Plan {
  std::vector<ChunkOrder> chunks;
  /// Ask each of these for a chunk of its choice, as often as it stands here, among choice_among().
  std::vector<ConnectionId> choices;
  std::vector<CancelOrder> cancels;
  std::optional<ConnectionId> layer_from;  ///< Ask this source for the chunk hashes.
};

/// One download from all its sources: what is there, what is asked of whom, and who sent rubbish. Pure: no I/O, no
/// clock. The node feeds it and carries out its plans. Every chunk is asked of at most two sources at a time (the
/// second only near the end), and is handed on only with the hash it must have, so a wrong byte is always blamed on the
/// one that sent it.
///
/// A source that says nothing for a while may be dead, or may have others to serve first. So what was asked of it is
/// asked of others too, where there are any, but not taken back: its place in that queue is worth having.
///
/// While others fetch the same file, who has everything is asked for chunks of its own choice, as long as there are
/// some that nobody else is known to have: it alone knows what it has given to others. All else is asked for by chunk,
/// the rarest first. With nobody to share with, naming the chunks is better: sources that choose may choose the same.
class Transfer {
 public:
  enum class State {
    kOpening,    ///< The partial file is opened; what it holds is hashed again, or it is copied from a file of ours.
    kFetching,   ///< Layer, then chunks.
    kFinishing,  ///< Everything is there; being made durable.
    kDone,
    kFailed,
  };

  Transfer(FetchRequest request, std::uint64_t seed, net::TimePoint now);

  const FetchRequest& request() const { return request_; }
  const files::ChunkGrid& grid() const { return grid_; }
  State state() const { return state_; }
  bool ended() const { return state_ == State::kDone || state_ == State::kFailed; }
  /// For people; set when kFailed.
  const std::string& error() const { return error_; }
  /// Set when kDone.
  const StoreFinished& result() const { return result_; }

  // --- the store ---
  /// How far opening has come, where it takes long.
  void opening(const StoreOpening& progress, net::TimePoint now);
  void opened(StoreOpened result, net::TimePoint now);
  /// A part of the chunk hashes came from the source; there is more.
  void layer_part_came(ConnectionId source, net::TimePoint now);
  /// The chunk hashes as `source` gave them. False: they do not match the root.
  bool layer_came(ConnectionId source, std::vector<files::Hash> layer, net::TimePoint now);
  bool layer_known() const { return !layer_.empty() || grid_.count() == 0; }
  const std::vector<files::Hash>& layer() const { return layer_; }
  /// What a chunk must hash to. REQUIRES: layer_known().
  const files::Hash& expected(std::uint32_t chunk) const;
  /// The store's answer about a chunk. True: the chunk is new and may be offered.
  bool stored(const ChunkStored& result, net::TimePoint now);
  void finished(StoreFinished result);
  /// True once: everything is there and FinishStore is to be sent.
  bool take_finish();
  void fail(std::string error);
  /// Whether the transfer's owner has carried out what its end asks for. The store's source is let go then: while it is
  /// held, the partial file is.
  bool told_end() const { return told_end_; }
  void set_told_end() {
    told_end_ = true;
    source_file_.reset();
  }

  // --- the sources ---
  void source_complete(ConnectionId source);
  /// It fetches the file too, and has told of no chunk yet.
  void source_interested(ConnectionId source);
  /// Adds chunks to what an incomplete source has. Chunks outside the file are ignored.
  void source_has(ConnectionId source, std::uint32_t first, std::uint32_t count);
  /// The connection is gone.
  void drop_source(ConnectionId source);
  /// A source that was complete offers the content no longer; means nothing for any other.
  void withdraw_source(ConnectionId source);
  bool has_source(ConnectionId source) const { return sources_.contains(source); }
  /// False where the next plan has nothing for the source, whatever it has.
  bool may_ask(ConnectionId source, net::TimePoint now) const;
  /// True when the source is known to have the chunk.
  bool has_chunk(ConnectionId source, std::uint32_t chunk) const;
  /// Chunks that it is known to have; 0 for one that is no source.
  std::uint32_t chunks_of(ConnectionId source) const;
  std::size_t source_count() const { return sources_.size(); }

  // --- requests ---
  /// What to ask now. Orders are in force at once: call it only to carry them out.
  Plan plan(net::TimePoint now);
  /// Whether the data of a chunk that begins to come is wanted.
  bool wants_chunk(ConnectionId source, std::uint32_t chunk) const;
  /// The same of one that the source was left to choose.
  bool wants_choice(ConnectionId source, std::uint32_t chunk) const;
  /// The data of a chunk that is wanted begins to come: nobody else need send it.
  void begin_chunk(ConnectionId source, std::uint32_t chunk, net::TimePoint now);
  /// The source has chosen: as if it had been asked for this chunk.
  void chose(ConnectionId source, std::uint32_t chunk, net::TimePoint now);
  /// Chunks to choose among. Meant for the orders of the plan just made.
  files::ChunkSet choice_among() const { return picker_.unavailable_chunks(); }
  /// The source had nothing to choose, or chose what is not wanted: it is asked by chunk until one comes from it.
  void choice_failed(ConnectionId source);
  /// Payload bytes came from the source: it is alive.
  void heard(ConnectionId source, std::uint64_t bytes, net::TimePoint now);
  /// The whole chunk came and goes to the store.
  void chunk_came(ConnectionId source, std::uint32_t chunk, net::TimePoint now);
  /// It came from the source when another's copy was already on its way to the disk.
  void unwanted(ConnectionId source, std::uint32_t chunk);
  /// The source will not send it, or sent something else: it is left alone for a moment, a longer one each time.
  void refused(ConnectionId source, std::uint32_t chunk, net::TimePoint now);
  void layer_refused(ConnectionId source, net::TimePoint now);

  /// When plan() must be called although nothing came: a source may have stalled.
  std::optional<net::TimePoint> deadline() const;

  // --- progress ---
  const files::ChunkSet& have() const { return have_; }
  /// Why nothing is asked for at the moment, for people: the disk is full. It is tried with one chunk now and then, and
  /// goes on when that could be written. Empty otherwise.
  const std::string& paused() const { return paused_; }
  /// While kOpening: it is copied from another file of this host.
  bool copies() const { return copies_; }
  bool offers() const { return state_ == State::kFetching || state_ == State::kFinishing; }
  const std::shared_ptr<const net::SendSource>& source_file() const { return source_file_; }
  /// Bytes that are there and verified; while kOpening those hashed or copied so far.
  std::uint64_t bytes_done() const { return bytes_done_; }
  /// Bytes of verified chunks that came over the network.
  std::uint64_t bytes_fetched() const { return bytes_fetched_; }
  double rate(net::TimePoint now) const { return rate_.per_second(now); }
  /// When bytes last came, or the transfer began.
  net::TimePoint last_progress() const { return last_progress_; }
  net::TimePoint started() const { return started_; }

 private:
  static constexpr net::Duration kLayerTimeout = std::chrono::seconds(10);  ///< For one part of the chunk hashes.

  struct Source {
    bool complete = false;
    files::ChunkSet has;     ///< Where not complete.
    files::ChunkSet useful;  ///< Those of `has` that the picker wants.
    /// Chunks asked of it and not come yet. True: it counts among the chunk's askers; false: it was silent for too
    /// long.
    std::map<std::uint32_t, bool> asked;
    unsigned choices = 0;  ///< Chunks of its choice that it was asked for and has not begun to send.
    bool chooses_badly = false;
    std::optional<std::uint32_t> begun;  ///< What it sends now.
    /// From the question to the whole chunk, a mean of the latest.
    std::optional<net::Duration> response;
    net::RateMeter rate{std::chrono::seconds(2)};
    net::TimePoint heard_at{};
    net::TimePoint asked_at{};     ///< For a chunk, last.
    net::TimePoint pause_until{};  ///< Refused something, or was silent: not asked before this.
    bool silent = false;           ///< For too long, with something asked of it.
    unsigned refusals = 0;         ///< In a row.
  };

  struct InFlight {
    net::TimePoint asked_at;  ///< Last.
    net::TimePoint moved_at;  ///< Asked for, or begun to come.
    /// What the one who has begun to send it usually takes for one, where that is known.
    std::optional<net::Duration> sender_takes;
    bool begun;  ///< To come.
  };

  static bool idle(const Source& source) { return source.asked.empty() && source.choices == 0; }
  static std::size_t outstanding(const Source& source) { return source.asked.size() + source.choices; }
  Source& source(ConnectionId id);
  const Source* find_source(ConnectionId id) const;
  Source* find_source(ConnectionId id);
  void count_partial_sources();
  std::size_t window(const Source& source, net::TimePoint now) const;
  bool can_ask(const Source& source, net::TimePoint now) const;
  /// The picker gives the chunk out, or no longer.
  void want(std::uint32_t chunk);
  void unwant(std::uint32_t chunk);
  /// The source is one of the chunk's askers, or no longer.
  void count_asker(std::uint32_t chunk, net::TimePoint now);
  void uncount_asker(std::uint32_t chunk);
  void note_asked(Source& source, net::TimePoint now);
  void ask(Plan& plan, ConnectionId id, Source& source, std::uint32_t chunk, net::TimePoint now);
  void release(Source& source, std::uint32_t chunk);
  void note_alive(Source& source, net::TimePoint now);
  void note_silent(net::TimePoint now);
  void plan_layer(Plan& plan, net::TimePoint now);
  /// Those that could be asked for a chunk, the one asked longest ago first.
  std::vector<std::pair<ConnectionId, Source*>> sources_in_turn(net::TimePoint now);
  /// When a chunk that was asked for counts no longer among those that are waited for.
  static net::TimePoint stops_waiting_at(const InFlight& chunk);
  bool enough_waits(net::TimePoint now) const;
  void plan_chunks(Plan& plan, net::TimePoint now);
  void plan_endgame(Plan& plan, net::TimePoint now);
  bool can_choose(const Source& source) const;
  void cancel_choices(ConnectionId id, Source& source);
  void cancel_choices();
  bool needs_help(std::uint32_t chunk) const;
  /// When a chunk is late enough for the helper: at once where who sends it takes more than twice as long for one.
  static net::TimePoint late_at(const InFlight& chunk, const Source& helper);
  void check_complete();
  void pause(std::uint32_t chunk, std::string why, net::TimePoint now);
  bool tries_the_disk() const;

  FetchRequest request_;
  files::ChunkGrid grid_;
  State state_ = State::kOpening;
  std::string error_;
  StoreFinished result_;
  bool copies_ = false;
  bool finish_taken_ = false;
  bool told_end_ = false;

  std::vector<files::Hash> layer_;
  std::optional<ConnectionId> layer_asked_;
  net::TimePoint layer_asked_at_{};

  files::ChunkSet have_;
  std::vector<std::uint8_t> askers_;             ///< Sources each chunk is asked of; silent ones do not count.
  std::vector<bool> in_store_;                   ///< On its way to the disk.
  std::map<std::uint32_t, InFlight> in_flight_;  ///< Chunks with askers.
  Picker picker_;
  std::map<ConnectionId, Source> sources_;
  std::shared_ptr<const net::SendSource> source_file_;
  std::vector<CancelOrder> cancels_;  ///< For the next plan.
  net::TimePoint planned_at_{};
  std::size_t partial_sources_ = 0;
  std::size_t choices_ = 0;        ///< Of all sources.
  std::size_t awake_sources_ = 0;  ///< Those not silent, when the plan was made.
  bool enough_waits_ = false;      ///< Then no more was asked for.
  std::string paused_;
  net::TimePoint paused_until_{};
  net::Duration pause_{};  ///< The last one.

  std::uint64_t bytes_done_ = 0;
  std::uint64_t bytes_fetched_ = 0;
  net::RateMeter rate_;
  net::TimePoint started_;
  net::TimePoint last_progress_;
};

}  // namespace peer::swarm
