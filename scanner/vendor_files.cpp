// SPDX-License-Identifier: MIT
#include <system_error>

#include "scanner/vendor_files.h"

#include <utility>

#include "net/files.h"

namespace scanner {
namespace {

Vendors load_vendors() {
  // Debian's largest has 3 MB.
  constexpr std::size_t kLimit = std::size_t{64} << 20;
  Vendors vendors;
  try {
    const auto place = net::Folder::open("/usr/share/ieee-data");
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

}  // namespace

void VendorLoader::start() {
  loading_ = std::async(std::launch::async, [] {
    const net::TimePoint began = net::Clock::now();
    Vendors vendors = load_vendors();
    return Loaded{std::move(vendors), net::Clock::now() - began};
  });
  started_ = true;
}

const Vendors* VendorLoader::get() {
  if (loading_.valid()) {
    Loaded loaded = loading_.get();
    vendors_ = std::move(loaded.vendors);
    took_ = loaded.took;
  }
  return started_ ? &vendors_ : nullptr;
}

}  // namespace scanner
