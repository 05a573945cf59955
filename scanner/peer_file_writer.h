// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "net/files.h"
#include "scanner/peer_file.h"

namespace scanner {

/// The peer list on disk, or on standard output.
class PeerFileWriter {
 public:
  /// `path` as for --output. Opens the folder and makes sure that it can be written to, so that a scan does not end
  /// with a result that cannot be kept. Throws std::system_error or std::runtime_error naming the file.
  explicit PeerFileWriter(const std::string& path);

  bool to_stdout() const { return to_stdout_; }
  /// Brings the file up to date, atomically: at every moment there is the old list or the new one. A file that is no
  /// readable list is not touched. Throws as the constructor.
  void write(const PeerFileUpdate& update) const;
  /// For people: where the list went; empty when nowhere.
  std::string place() const;

 private:
  std::string path_;
  std::string name_;
  std::optional<net::Folder> folder_;  ///< None when there is no file to write.
  bool to_stdout_ = false;
};

/// The present, as RFC 3339 wants it, in UTC.
std::string utc_now();

}  // namespace scanner
