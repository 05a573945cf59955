// SPDX-License-Identifier: MIT
#include <system_error>

#include "net/files.h"
#include "scanner/vendors.h"

namespace scanner {

Vendors load_vendors(const std::string& folder) {
  constexpr std::size_t kLimit = std::size_t{64} << 20;
  Vendors vendors;
  try {
    const auto place = net::Folder::open(folder);
    for (const char* file : {"oui.csv", "mam.csv", "oui36.csv"}) {
      auto text = place.read_all(file, kLimit);
      if (text.ok()) vendors.add_registry(std::move(text).value());
    }
  } catch (const std::system_error&) {
    // Vendor names are a convenience: without the registries there are none.
  }
  vendors.finish();
  return vendors;
}

}  // namespace scanner
