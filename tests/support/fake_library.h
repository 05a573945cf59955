// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "peer/library.h"
#include "tests/support/chunk_memory.h"

namespace support {

/// What a peer offers, in memory.
class FakeLibrary : public peer::Library {
 public:
  const peer::files::Catalog& catalog() const override { return catalog_; }
  std::shared_ptr<const net::SendSource> open(const peer::files::ContentId& id) override;
  std::shared_ptr<const std::vector<peer::files::Hash>> layer(const peer::files::ContentId& id) override;

  void add(const std::string& path, const MemoryContent& content);
  /// Takes the entry out; the content goes with its last name.
  void remove(const std::string& path);
  /// The entry is of downloads/ from now on.
  void set_fetched(const std::string& path) { fetched_.insert(path); }
  bool is_shared(const peer::files::CatalogEntry& entry) const override {
    ++asked_if_shared_;
    return !fetched_.contains(entry.path);
  }
  /// Calls of is_shared().
  std::uint64_t asked_if_shared() const { return asked_if_shared_; }
  /// From now on sends other bytes for this chunk (threats T36).
  void falsify(const peer::files::ContentId& id, std::uint32_t chunk);
  /// From now on sends another layer for this content.
  void falsify_layer(const peer::files::ContentId& id);
  bool has(const peer::files::ContentId& id) const override { return contents_.contains(id); }
  /// Says that more may come, or no longer.
  void set_growing(bool growing) { growing_ = growing; }
  bool growing() const override { return growing_; }
  /// A file on the disk, which no test reads.
  void stands(const peer::files::ContentId& id, const std::string& path) { standing_.put(id, "", path); }
  std::optional<peer::StandingFile> find(const peer::files::ContentId& id) const override { return standing_.find(id); }
  /// Times that open() found the content.
  std::uint64_t opened() const { return opened_; }

 private:
  peer::files::Catalog catalog_{1};
  std::map<peer::files::ContentId, MemoryContent> contents_;
  std::set<std::string> fetched_;
  peer::StandingFiles standing_;
  std::uint64_t opened_ = 0;
  bool growing_ = false;
  mutable std::uint64_t asked_if_shared_ = 0;
};

}  // namespace support
