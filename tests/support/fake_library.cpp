// SPDX-License-Identifier: MIT
#include "tests/support/fake_library.h"

#include "net/check.h"

namespace support {

std::shared_ptr<const net::SendSource> FakeLibrary::open(const peer::files::ContentId& id) {
  auto found = contents_.find(id);
  if (found == contents_.end()) return nullptr;
  ++opened_;
  return found->second.source;
}

std::shared_ptr<const std::vector<peer::files::Hash>> FakeLibrary::layer(const peer::files::ContentId& id) {
  auto found = contents_.find(id);
  return found == contents_.end() ? nullptr : found->second.layer;
}

void FakeLibrary::add(const std::string& path, const MemoryContent& content) {
  peer::files::CatalogEntry entry;
  entry.path = path;
  entry.id = content.id;
  entry.mtime_s = 1'700'000'000;
  entry.mode = 0600;
  catalog_.put(std::move(entry));
  contents_.emplace(content.id, content);
}

void FakeLibrary::remove(const std::string& path) {
  const peer::files::CatalogEntry* entry = catalog_.find(path);
  if (!entry) return;
  const peer::files::ContentId id = entry->id;
  catalog_.remove(path);
  if (!catalog_.has_content(id)) contents_.erase(id);
}

void FakeLibrary::falsify(const peer::files::ContentId& id, std::uint32_t chunk) {
  auto found = contents_.find(id);
  CHECK(found != contents_.end());
  // The content may be shared with other hosts: theirs stays as it is.
  auto copy = std::make_shared<MemorySource>(*found->second.source);
  net::Bytes bytes = *copy->chunk(chunk);
  bytes.front() ^= std::byte{1};
  copy->put(chunk, std::make_shared<net::Bytes>(std::move(bytes)));
  found->second.source = std::move(copy);
}

void FakeLibrary::falsify_layer(const peer::files::ContentId& id) {
  auto found = contents_.find(id);
  CHECK(found != contents_.end() && !found->second.layer->empty());
  auto copy = std::make_shared<std::vector<peer::files::Hash>>(*found->second.layer);
  copy->front()[0] ^= std::byte{1};
  found->second.layer = std::move(copy);
}

}  // namespace support
