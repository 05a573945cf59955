// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "peer/files/match.h"
#include "peer/node.h"
#include "peer/operations/discovery.h"
#include "peer/operations/events.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// What `p2ppeer get` was asked for.
struct GetRequest {
  std::vector<std::string> words;  ///< Names, paths, folders or ids; see files::Matcher.
  /// Where it goes: folder (absolute), and name of a file or, where the word means a folder, of a folder to put that
  /// into. Empty: downloads/, under the name it is offered by.
  std::string folder;
  std::string name;
};

/// `p2ppeer get`: finds out what the words mean on this network, fetches it, and tells how far it is ("start",
/// "progress", "done", "ambiguous", "not_found", "failed", in the end "summary"). A word that stands for different
/// contents fetches nothing; the others are fetched all the same. While peers are still hashing what they share, what
/// they offer of a folder is taken up as it comes, and a name that nobody offers yet is waited for a little.
class Get final : public Operation {
 public:
  /// `node` must outlive it.
  Get(Node& node, GetRequest request, net::TimePoint now);
  /// What of it has not ended goes on in the node.
  ~Get() override;

  void step(net::TimePoint now) override;
  std::optional<net::TimePoint> deadline() const override { return deadline_; }
  void cancel(net::TimePoint now) override;
  bool outlives_client() const override { return true; }

 private:
  struct Running {
    swarm::FetchRequest wanted;
    net::TimePoint started;
    bool told_pause = false;
  };

  /// A word that means nothing yet, or a folder of which more may come.
  struct Word {
    std::string text;
    bool found = false;
    net::TimePoint news{};  ///< When something new was found of it.
  };
  using Peers = std::vector<Node::PeerView>;

  void resolve(net::TimePoint now);
  bool resolve_word(net::TimePoint now, const files::Matcher& matcher, const Peers& peers, Word& word);
  bool resolve_folder(net::TimePoint now, const files::Match& match, const Peers& peers, Word& word);
  void tell_growing(const Node::PeerView& peer);
  void want(const files::MatchedFile& file, const std::string& folder, const std::string& path);
  void want(const files::MatchedFolder& inner, const std::string& folder, bool alone);
  bool room_for_next() const;
  void start_some(net::TimePoint now);
  void watch(net::TimePoint now);
  void tell_progress(net::TimePoint now, const Running& running, const swarm::Transfer& transfer);
  /// The transfer has ended: tells so.
  void tell_end(net::TimePoint now, const Running& running, const swarm::Transfer& transfer);
  void tell_no_peer();
  void make_folders();
  void tell_folders();
  void end(net::TimePoint now);
  int exit_status_now() const;

  Node& node_;
  GetRequest request_;
  Discovery discovery_;
  net::TimePoint started_;
  std::optional<net::TimePoint> deadline_;
  bool cancelled_ = false;
  bool told_no_peer_ = false;

  std::vector<Word> words_;  ///< Those that are not done with.
  /// When the words were looked up last.
  struct LookUp {
    net::TimePoint at{};
    std::uint64_t network = 0;  ///< Node::network_revision() then.
    bool settled = false;
  };
  std::optional<LookUp> looked_up_;
  std::optional<net::TimePoint> settled_at_;
  std::optional<net::TimePoint> patient_until_;  ///< When a word will be done with though nothing happens.
  std::set<NodeId> told_growing_;
  /// All that was found, and the folders and paths that it goes to: what several words mean is fetched once.
  std::set<std::tuple<files::ContentId, std::string, std::string>> wanted_files_;
  std::set<std::pair<std::string, std::string>> wanted_folders_;
  std::deque<swarm::FetchRequest> waiting_;
  /// To be made, or to get their times, when all files have ended.
  struct WantedFolder {
    std::string top;  ///< As FetchRequest::folder.
    files::MatchedFolder folder;
    bool alone;  ///< Of a word that means no file.
  };
  std::vector<WantedFolder> folders_;
  std::map<FolderId, WantedFolder> making_;
  std::map<TransferId, Running> running_;
  std::uint64_t seen_ended_ = 0;  ///< Node::ended_transfers() when they were last looked at.
  std::uint64_t seen_turns_ = 0;  ///< Node::fetch_turns() when some were last begun.
  bool full_ = false;             ///< As many fetched then as may.
  std::optional<net::TimePoint> progress_at_;

  bool made_folder_ = false;  ///< One that was told.
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t not_found_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace peer::operations
