// SPDX-License-Identifier: MIT
#include "peer/home.h"

#include <stdexcept>
#include <system_error>

namespace peer {
namespace {

std::optional<net::Folder> open_or_make(const std::string& path, bool make) {
  if (make) return net::Folder::open(path, true);
  auto folder = net::Folder::try_open(path);
  return folder ? std::optional(*std::move(folder)) : std::nullopt;
}

}  // namespace

Home::Home(const std::string& path, Use use) try
    : path_(path),
      root_(open_or_make(path, use != Use::kAsk)),
      shared_(open_or_make(path + "/shared", use == Use::kServe)),
      downloads_(open_or_make(path + "/downloads", use == Use::kServe || use == Use::kFetch)),
      state_(open_or_make(path + "/.p2p", use != Use::kAsk)),
      partial_(open_or_make(path + "/.p2p/partial", use != Use::kAsk)) {
} catch (const std::system_error& error) {
  if (error.code() != std::errc::permission_denied && error.code() != std::errc::read_only_file_system) throw;
  throw std::runtime_error(std::string(error.what()) + "; name a home that you may write to with -C");
}

}  // namespace peer
