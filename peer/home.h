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
  /// Opens the home, and makes what is missing in it: shared/ downloads/ .p2p/ .p2p/partial/. Throws std::system_error
  /// naming the path.
  explicit Home(const std::string& path);

  const std::string& path() const { return path_; }
  const net::Folder& root() const { return root_; }
  const net::Folder& shared() const { return shared_; }
  const net::Folder& downloads() const { return downloads_; }
  const net::Folder& state() const { return state_; }      ///< .p2p
  const net::Folder& partial() const { return partial_; }  ///< .p2p/partial

 private:
  std::string path_;
  net::Folder root_, shared_, downloads_, state_, partial_;
};

/// The peer-list file in use: read at start, and written back when peers were learned.
class PeersFile {
 public:
  /// `path` is as the user gave it, relative to the current folder; empty: peers.txt in the home. A file that is not
  /// there is an empty list (a path that the user named must be there: std::system_error). Lines that cannot be read
  /// are named in the log.
  PeersFile(const Home& home, const std::string& path, const net::Log& log);

  std::vector<net::Endpoint> endpoints() const;
  /// Reads the file again. Where that fails, which is named in the log, what was read before stays.
  void reload();
  /// Adds those that the file lacks, flagged `peer`. The file is read again first, so that what others wrote meanwhile
  /// stays. Failures are named in the log once.
  void add(const std::vector<net::Endpoint>& endpoints);

 private:
  std::string read(const std::string& path) const;
  void parse(const std::string& text);

  net::Folder folder_;
  std::string name_;
  const net::Log& log_;
  net::PeerList list_;
  bool write_failed_ = false;
};

}  // namespace peer
