// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "net/digest.h"
#include "peer/files/partial_state.h"

namespace {

/// What is accepted is what would be written.
void decode(net::ByteView record) {
  const auto state = peer::files::decode_partial_state(record);
  if (!state) return;
  const net::Bytes again = peer::files::encode_partial_state(*state);
  CHECK(std::equal(again.begin(), again.end(), record.begin(), record.end()));
}

}  // namespace

/// Each input is tried as it is and with a checksum that is right: random bytes never have one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const net::ByteView record(reinterpret_cast<const std::byte*>(data), size);
  decode(record);
  net::Bytes sealed(record.begin(), record.end());
  const net::Sha256 checksum = net::sha256(record);
  sealed.insert(sealed.end(), checksum.begin(), checksum.end());
  decode(sealed);
  return 0;
}
