// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/bytes.h"
#include "net/frame.h"

namespace support {

/// What was sent, by message type.
struct SimTraffic {
  static constexpr std::uint8_t kChunk = 0x08;
  static constexpr std::uint8_t kPeerList = 0x10;
  struct Count {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  ///< With their headers.
  };
  std::array<Count, 0x20> by_type{};

  std::uint64_t bytes() const;
  SimTraffic& operator+=(const SimTraffic& other);
};

/// Reads one direction of a connection as it is written, and adds to a SimTraffic.
class SimTrafficMeter {
 public:
  /// In-memory bytes, in pieces of any size.
  void bytes(net::ByteView in, SimTraffic& traffic);
  /// Bytes of a file: always inside a frame.
  void file(std::uint64_t count, SimTraffic& traffic);

 private:
  void header_byte(std::byte value, SimTraffic& traffic);

  std::array<std::byte, net::FrameHeader::kSize> header_{};
  std::size_t header_size_ = 0;
  std::uint8_t type_ = 0;
  std::uint64_t payload_left_ = 0;
  bool in_list_ = false;
};

}  // namespace support
