// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "peer/files/finish_together.h"
#include "peer/files/merkle.h"
#include "peer/files/partial.h"
#include "tests/unit/peer/files/content_support.h"
#include "tests/unit/peer/files/temp_folder.h"

namespace peer::files {

inline constexpr std::uint32_t kChunk = kMinChunkSize;

/// A download into one folder, and another for its file.
class PartialTest : public testing::Test {
 protected:
  PartialTest() { use(content_of(5 * kChunk + 1000)); }

  void use(std::string content) {
    content_ = std::move(content);
    hashed_ = hashed(content_);
    grid_ = chunk_grid(content_.size());
    data_name_ = net::to_hex(hashed_.id.root) + "-" + std::to_string(content_.size());
  }
  std::unique_ptr<Partial> open() {
    auto opened = Partial::open_or_create(home_.folder(), hashed_.id);
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<Partial> open_with_layer() {
    auto partial = open();
    if (partial && !partial->set_layer(hashed_.layer)) return nullptr;
    return partial;
  }
  net::ByteView chunk(std::uint32_t index) const {
    return net::as_bytes(content_).subspan(grid_.offset(index), grid_.size(index));
  }
  void write_all(Partial& partial) {
    for (std::uint32_t i = 0; i < grid_.count(); ++i) {
      ASSERT_EQ(partial.verify_and_write(i, chunk(i)), Partial::WriteResult::kWritten);
    }
  }
  static Placed finish(Partial& partial, const net::Folder& target, const std::string& path,
                       Attributes attributes = {}) {
    return finish_together({{&partial, {"", path}, attributes}}, target).front();
  }
  Finished finish_as(const std::string& path) {
    auto partial = open_with_layer();
    write_all(*partial);
    auto finished = finish(*partial, target_.folder(), path, {1600000000, 0700});
    EXPECT_TRUE(finished.ok()) << (finished ? "" : finished.error().message());
    return finished ? *finished : Finished{};
  }
  std::size_t names_left() const { return home_.folder().list()->size(); }

  TempFolder home_, target_;
  std::string content_, data_name_;
  HashedContent hashed_;
  ChunkGrid grid_;
};

}  // namespace peer::files
