// SPDX-License-Identifier: MIT
#include "peer/swarm/picker.h"

#include "net/check.h"

namespace peer::swarm {

Picker::Picker(std::uint32_t chunk_count, std::uint64_t seed)
    : availability_(chunk_count, 0), ties_(chunk_count), is_wanted_(chunk_count, true) {
  std::mt19937_64 random(seed);
  for (std::uint32_t& tie : ties_) tie = static_cast<std::uint32_t>(random());
  for (std::uint32_t chunk = 0; chunk < chunk_count; ++chunk) insert(chunk);
}

Picker::Key Picker::key_of(std::uint32_t chunk) const {
  return {availability_[chunk], random_ties_ ? ties_[chunk] : 0, chunk};
}

void Picker::insert(std::uint32_t chunk) {
  wanted_.insert(key_of(chunk));
  if (availability_[chunk] == 0) ++unavailable_;
}

void Picker::erase(std::uint32_t chunk) {
  wanted_.erase(key_of(chunk));
  if (availability_[chunk] == 0) --unavailable_;
}

files::ChunkSet Picker::unavailable_chunks() const {
  files::ChunkSet chunks(static_cast<std::uint32_t>(is_wanted_.size()));
  for (auto it = wanted_.begin(); it != wanted_.end() && std::get<0>(*it) == 0; ++it) chunks.set(std::get<2>(*it));
  return chunks;
}

void Picker::source_gained(std::uint32_t chunk) {
  if (is_wanted_[chunk]) erase(chunk);
  ++availability_[chunk];
  if (is_wanted_[chunk]) insert(chunk);
}

void Picker::source_lost(std::uint32_t chunk) {
  CHECK(availability_[chunk] > 0);
  if (is_wanted_[chunk]) erase(chunk);
  --availability_[chunk];
  if (is_wanted_[chunk]) insert(chunk);
}

void Picker::set_partial_sources(std::size_t count) {
  bool random = count > 0;
  if (random == random_ties_) return;
  random_ties_ = random;
  wanted_.clear();
  for (std::uint32_t chunk = 0; chunk < is_wanted_.size(); ++chunk) {
    if (is_wanted_[chunk]) wanted_.insert(key_of(chunk));
  }
}

std::optional<std::uint32_t> Picker::best(const files::ChunkSet* among) const {
  if (wanted_.empty() || (among != nullptr && among->empty())) return std::nullopt;
  if (among != nullptr && std::uint64_t{among->count()} * among->count() < wanted_.size()) return best_of_few(*among);
  for (const Key& key : wanted_) {
    std::uint32_t chunk = std::get<2>(key);
    if (among == nullptr || among->test(chunk)) return chunk;
  }
  return std::nullopt;
}

/// A walk through all in their order would pass over too many that are not in the set.
std::optional<std::uint32_t> Picker::best_of_few(const files::ChunkSet& among) const {
  std::optional<Key> best;
  among.for_each([&](std::uint32_t chunk) {
    if (is_wanted_[chunk] && (!best || key_of(chunk) < *best)) best = key_of(chunk);
  });
  if (!best) return std::nullopt;
  return std::get<2>(*best);
}

void Picker::take(std::uint32_t chunk) {
  if (!is_wanted_[chunk]) return;
  erase(chunk);
  is_wanted_[chunk] = false;
}

void Picker::put_back(std::uint32_t chunk) {
  if (is_wanted_[chunk]) return;
  is_wanted_[chunk] = true;
  insert(chunk);
}

}  // namespace peer::swarm
