// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/files.h"
#include "net/log.h"
#include "net/peer_list.h"

namespace peer {

/// The folder that a peer lives in (p2ppeer(1), FILES).
class Home {
 public:
  /// What it is opened for, and so what is made in it where it is missing.
  enum class Use {
    kServe,           ///< The home itself, shared/ downloads/ .p2p/ .p2p/partial/.
    kFetch,           ///< The same but shared/.
    kFetchElsewhere,  ///< The same but shared/ and downloads/.
    kAsk,             ///< Nothing. What cannot be opened counts as not there.
  };

  /// Throws std::system_error or std::runtime_error naming the path.
  explicit Home(const std::string& path, Use use = Use::kServe);

  const std::string& path() const { return path_; }
  bool has_root() const { return root_.has_value(); }
  bool has_shared() const { return shared_.has_value(); }
  bool has_downloads() const { return downloads_.has_value(); }
  bool has_state() const { return state_.has_value(); }
  bool has_partial() const { return partial_.has_value(); }
  /// REQUIRES: it is there, as for the following.
  const net::Folder& root() const { return root_.value(); }
  const net::Folder& shared() const { return shared_.value(); }
  const net::Folder& downloads() const { return downloads_.value(); }
  /// What stands for downloads/ where what is fetched goes elsewhere, and nothing goes to it.
  const net::Folder& downloads_or_partial() const { return downloads_ ? *downloads_ : partial(); }
  const net::Folder& state() const { return state_.value(); }      ///< .p2p
  const net::Folder& partial() const { return partial_.value(); }  ///< .p2p/partial

 private:
  std::string path_;
  std::optional<net::Folder> root_, shared_, downloads_, state_, partial_;
};

/// The peer-list file in use: read at start, and written back when peers were learned.
class PeersFile {
 public:
  /// `path` is as the user gave it, relative to the current folder; empty: peers.txt in the home. A file that is not
  /// there is an empty list (a path that the user named must be there: std::system_error). Lines that cannot be read
  /// are named in the log.
  /// `makes`: whether one that is not there is made when peers were learned.
  PeersFile(const Home& home, const std::string& path, const net::Log& log, bool makes = true);

  std::vector<net::Endpoint> endpoints() const;
  /// Reads the file again. Where that fails, which is named in the log, what was read before stays.
  void reload();
  /// Adds those that the file lacks, flagged `peer`. The file is read again first, so that what others wrote meanwhile
  /// stays. Failures are named in the log once.
  void add(const std::vector<net::Endpoint>& endpoints);

 private:
  std::string read(const std::string& path) const;
  void parse(const std::string& text);

  net::Result<std::string, net::SystemError> read_all() const;

  std::optional<net::Folder> folder_;  ///< Nothing where the home is not there.
  std::string name_;
  const net::Log& log_;
  bool makes_;
  net::PeerList list_;
  bool write_failed_ = false;
};

}  // namespace peer
