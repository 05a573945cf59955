// SPDX-License-Identifier: MIT
#include "net/bytes.h"
#include "net/check.h"
#include "peer/files/content_id.h"

/// What is read as an id is valid, and its text is read as the same id.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto id = peer::files::ContentId::parse(text)) {
    CHECK(id->valid());
    CHECK(peer::files::ContentId::parse(id->to_string()) == *id);
    CHECK(id->to_string().size() == size);
  }
  return 0;
}
