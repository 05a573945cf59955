// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/files.h"
#include "net/log.h"
#include "net/peer_list.h"
#include "peer/home.h"

namespace peer {

/// The peer-list file in use: read at start, and written back when peers were learned.
class PeersFile {
 public:
  /// `path` is as the user gave it, relative to the current folder; empty: peers.txt in the home. A file that is not
  /// there is an empty list (a path that the user named must be there: std::system_error). Lines that cannot be read
  /// are named in the log. `makes`: whether one that is not there is made when peers were learned.
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
