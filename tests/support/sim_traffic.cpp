// SPDX-License-Identifier: MIT
#include "tests/support/sim_traffic.h"

#include <algorithm>

#include "net/check.h"

namespace support {

namespace {
constexpr std::uint8_t kList = 0x10;
}

std::uint64_t SimTraffic::bytes() const {
  std::uint64_t sum = 0;
  for (const Count& count : by_type) sum += count.bytes;
  return sum;
}

SimTraffic& SimTraffic::operator+=(const SimTraffic& other) {
  for (std::size_t i = 0; i < by_type.size(); ++i) {
    by_type[i].messages += other.by_type[i].messages;
    by_type[i].bytes += other.by_type[i].bytes;
  }
  return *this;
}

void SimTrafficMeter::bytes(net::ByteView in, SimTraffic& traffic) {
  while (!in.empty()) {
    if (payload_left_ > 0) {
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, in.size()));
      file(count, traffic);
      in = in.subspan(count);
      continue;
    }
    const std::byte value = in.front();
    in = in.subspan(1);
    if (in_list_) {
      ++traffic.by_type[kList].bytes;
      in_list_ = value != std::byte{'\n'};
    } else if (header_size_ == 0 && value == std::byte{kList}) {
      in_list_ = true;
      ++traffic.by_type[kList].messages;
      ++traffic.by_type[kList].bytes;
    } else {
      header_byte(value, traffic);
    }
  }
}

void SimTrafficMeter::header_byte(std::byte value, SimTraffic& traffic) {
  header_[header_size_++] = value;
  if (header_size_ < header_.size()) return;
  header_size_ = 0;
  const auto header = net::decode_frame_header(header_);
  CHECK(header.has_value());  // A node sent what is neither a list nor a frame.
  type_ = header->type;
  payload_left_ = header->length;
  ++traffic.by_type[type_].messages;
  traffic.by_type[type_].bytes += header_.size();
}

void SimTrafficMeter::file(std::uint64_t count, SimTraffic& traffic) {
  CHECK(count <= payload_left_);
  payload_left_ -= count;
  traffic.by_type[type_].bytes += count;
}

}  // namespace support
