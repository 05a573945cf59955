// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "net/files.h"

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

}  // namespace peer
