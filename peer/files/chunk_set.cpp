// SPDX-License-Identifier: MIT
#include "peer/files/chunk_set.h"

#include <algorithm>
#include <bit>

#include "net/check.h"

namespace peer::files {
namespace {

constexpr std::uint32_t kWordBits = 64;

std::uint64_t bit(std::uint32_t index) { return std::uint64_t{1} << (index % kWordBits); }

std::byte reversed_bits(std::uint8_t value) {
  unsigned out = 0;
  for (unsigned i = 0; i < 8; ++i) out |= ((value >> i) & 1u) << (7 - i);
  return static_cast<std::byte>(out);
}

/// The first 1 at or after `from` in words that are seen through `view`; nothing past `size`.
template <class View>
std::optional<std::uint32_t> first_one(const std::vector<std::uint64_t>& words, std::uint32_t size, std::uint32_t from,
                                       View view) {
  if (from >= size) return std::nullopt;
  std::size_t word = from / kWordBits;
  std::uint64_t bits = view(words[word]) & (~std::uint64_t{0} << (from % kWordBits));
  while (bits == 0) {
    if (++word == words.size()) return std::nullopt;
    bits = view(words[word]);
  }
  const auto index = static_cast<std::uint32_t>(word * kWordBits) + static_cast<std::uint32_t>(std::countr_zero(bits));
  if (index >= size) return std::nullopt;
  return index;
}

}  // namespace

ChunkSet::ChunkSet(std::uint32_t size) : size_(size), words_(size / kWordBits + (size % kWordBits != 0 ? 1 : 0)) {}

ChunkSet ChunkSet::all(std::uint32_t size) {
  ChunkSet set(size);
  CHECK(set.set_range({0, size}));
  return set;
}

bool ChunkSet::test(std::uint32_t index) const {
  CHECK(index < size_);
  return (words_[index / kWordBits] & bit(index)) != 0;
}

bool ChunkSet::set(std::uint32_t index) {
  if (test(index)) return false;
  words_[index / kWordBits] |= bit(index);
  ++count_;
  return true;
}

bool ChunkSet::reset(std::uint32_t index) {
  if (!test(index)) return false;
  words_[index / kWordBits] &= ~bit(index);
  --count_;
  return true;
}

bool ChunkSet::set_range(Range range) {
  if (range.first > size_ || range.count > size_ - range.first) return false;
  std::uint32_t index = range.first;
  const std::uint32_t end = range.first + range.count;
  while (index < end) {
    const std::uint32_t width = std::min(end - index, kWordBits - index % kWordBits);
    const std::uint64_t mask = (~std::uint64_t{0} >> (kWordBits - width)) << (index % kWordBits);
    std::uint64_t& word = words_[index / kWordBits];
    count_ += static_cast<std::uint32_t>(std::popcount(mask & ~word));
    word |= mask;
    index += width;
  }
  return true;
}

std::optional<std::uint32_t> ChunkSet::first_missing(std::uint32_t from) const {
  return first_one(words_, size_, from, [](std::uint64_t word) { return ~word; });
}

std::optional<std::uint32_t> ChunkSet::first_present(std::uint32_t from) const {
  return first_one(words_, size_, from, [](std::uint64_t word) { return word; });
}

std::vector<ChunkSet::Range> ChunkSet::ranges() const {
  std::vector<Range> out;
  for (auto first = first_present(); first;) {
    const std::uint32_t end = first_missing(*first).value_or(size_);
    out.push_back({*first, end - *first});
    first = first_present(end);
  }
  return out;
}

ChunkSet& ChunkSet::operator|=(const ChunkSet& other) {
  CHECK(size_ == other.size_);
  count_ = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    words_[i] |= other.words_[i];
    count_ += static_cast<std::uint32_t>(std::popcount(words_[i]));
  }
  return *this;
}

ChunkSet ChunkSet::without(const ChunkSet& other) const {
  CHECK(size_ == other.size_);
  ChunkSet out(size_);
  for (std::size_t i = 0; i < words_.size(); ++i) {
    out.words_[i] = words_[i] & ~other.words_[i];
    out.count_ += static_cast<std::uint32_t>(std::popcount(out.words_[i]));
  }
  return out;
}

net::Bytes ChunkSet::to_bytes() const {
  net::Bytes out;
  const std::size_t bytes = size_ / 8 + (size_ % 8 != 0 ? 1 : 0);
  out.reserve(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    out.push_back(reversed_bits(static_cast<std::uint8_t>(words_[i / 8] >> (8 * (i % 8)))));
  }
  return out;
}

std::optional<ChunkSet> ChunkSet::from_bytes(net::ByteView bytes, std::uint32_t size) {
  if (bytes.size() != size / 8 + (size % 8 != 0 ? 1 : 0)) return std::nullopt;
  ChunkSet set(size);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = static_cast<std::uint8_t>(reversed_bits(static_cast<std::uint8_t>(bytes[i])));
    set.words_[i / 8] |= std::uint64_t{value} << (8 * (i % 8));
    set.count_ += static_cast<std::uint32_t>(std::popcount(value));
  }
  if (size % kWordBits != 0 && set.words_.back() >> (size % kWordBits) != 0) return std::nullopt;
  return set;
}

}  // namespace peer::files
