// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "peer/files/catalog.h"

namespace peer::files {

/// One entry of one peer's catalog. The entry is not owned and must outlive the Matcher.
struct Offer {
  std::uint32_t provider = 0;  ///< The caller's number for the peer.
  const CatalogEntry* entry = nullptr;
};

/// One content that is offered, with all the peers that hold it, under whatever name.
struct MatchedFile {
  std::string path;  ///< Under which it was found; the first by path where it has several names.
  ContentId id;
  std::int64_t mtime_s = 0;
  std::uint32_t mode = 0;
  std::vector<std::uint32_t> providers;  ///< Ascending, each once.
  bool operator==(const MatchedFile&) const = default;
};

/// A folder, as the first peer that has it says.
struct MatchedFolder {
  std::string path;
  std::int64_t mtime_s = 0;
  std::uint32_t mode = 0;
  bool operator==(const MatchedFolder&) const = default;
};

/// What a word stands for.
struct Match {
  enum class Kind {
    kNotFound,
    kFile,       ///< files has exactly one element.
    kFolder,     ///< files are those beneath it, by path; folders are it and those beneath it, by path.
    kAmbiguous,  ///< files are the candidates, by path, then id: different contents under one name.
  };
  Kind kind = Kind::kNotFound;
  std::vector<MatchedFile> files;
  std::vector<MatchedFolder> folders;  ///< Those of which somebody tells more than their files' paths do.
};

/// What `get WORD` means against the catalogs of several peers. Built once for any number of words: O(n log n), then
/// O(log n + answer) a word.
class Matcher {
 public:
  static constexpr std::size_t kShortestRoot = 12;  ///< As tables show it.

  explicit Matcher(const std::vector<Offer>& offers);

  /// WORD is, in this order:
  ///  1. an id ("p2p:...:length");
  ///  2. the path of a file;
  ///  3. the path of a folder (the only meaning of a word that ends in '/'): all that any peer has beneath it;
  ///  4. the base name of files;
  ///  5. the first hex digits of an id's root, kShortestRoot of them or more.
  /// Different contents under a path, base name or such digits, or under one path in a folder, make it ambiguous.
  Match resolve(std::string_view word) const;

 private:
  using Names = std::multimap<std::string_view, const CatalogEntry*, std::less<>>;

  Match by_id(const ContentId& id) const;
  Match by_name(const Names& names, std::string_view word) const;
  Match by_folder(std::string_view folder) const;
  Match by_root(std::string_view digits) const;
  MatchedFile matched(const CatalogEntry& entry) const;

  Names files_by_path_;
  Names files_by_base_name_;
  Names folders_by_path_;
  struct Content {
    const CatalogEntry* first;  ///< By path.
    std::vector<std::uint32_t> providers;
  };
  std::map<ContentId, Content> contents_;
};

}  // namespace peer::files
