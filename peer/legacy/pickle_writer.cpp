// SPDX-License-Identifier: MIT
#include "peer/legacy/pickle_writer.h"

#include "peer/legacy/pickle_opcode.h"

namespace peer::legacy {
namespace {

constexpr std::uint8_t kProtocol = 3;
constexpr std::uint64_t kLongestShort = 255;

std::byte byte_of(Op op) { return static_cast<std::byte>(op); }

}  // namespace

net::Bytes pickle_begin() {
  return {byte_of(Op::kProto), std::byte{kProtocol}, byte_of(Op::kEmptyList), byte_of(Op::kMark)};
}

net::Bytes pickle_item_header(std::uint32_t length) {
  if (length <= kLongestShort) return {byte_of(Op::kShortBinBytes), static_cast<std::byte>(length)};
  net::Bytes header = {byte_of(Op::kBinBytes)};
  for (unsigned shift = 0; shift < 32; shift += 8) header.push_back(static_cast<std::byte>(length >> shift & 0xff));
  return header;
}

net::Bytes pickle_end() { return {byte_of(Op::kAppends), byte_of(Op::kStop)}; }

std::uint64_t pickled_size(std::uint64_t length) { return length + (length <= kLongestShort ? 2 : 5); }

}  // namespace peer::legacy
