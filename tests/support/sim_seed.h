// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace support {

/// SIM_SEED of the environment, or the usual one. Prints which, so that a run that fails can be repeated.
inline std::uint64_t sim_seed(std::uint64_t usual) {
  const char* given = std::getenv("SIM_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : usual;
  std::printf("    SIM_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace support
