// SPDX-License-Identifier: MIT
#include "peer/home.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace peer {
namespace {

constexpr const char* kDefaultName = "peers.txt";

std::string folder_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Home::Home(const std::string& path) try
    : path_(path),
      root_(net::Folder::open(path, true)),
      shared_(net::Folder::open(path + "/shared", true)),
      downloads_(net::Folder::open(path + "/downloads", true)),
      state_(net::Folder::open(path + "/.p2p", true)),
      partial_(net::Folder::open(path + "/.p2p/partial", true)) {
} catch (const std::system_error& error) {
  if (error.code() != std::errc::permission_denied && error.code() != std::errc::read_only_file_system) throw;
  throw std::runtime_error(std::string(error.what()) + "; name a home that you may write to with -C");
}

PeersFile::PeersFile(const Home& home, const std::string& path, const net::Log& log)
    : folder_(net::Folder::open(path.empty() ? home.path() : folder_of(path))),
      name_(path.empty() ? kDefaultName : path.substr(path.rfind('/') + 1)),
      log_(log) {
  parse(read(path));
}

void PeersFile::parse(const std::string& text) {
  list_ = net::PeerList::parse(text);
  for (const net::PeerListProblem& problem : list_.problems()) {
    log_.warning(name_ + ":" + std::to_string(problem.line) + ": " + problem.what);
  }
}

void PeersFile::reload() {
  auto text = folder_.read_all(name_, net::PeerList::kMaxFileSize);
  if (!text && text.error().code != ENOENT) return log_.warning("read " + name_ + ": " + text.error().message());
  parse(text ? *text : "");
}

std::string PeersFile::read(const std::string& path) const {
  auto text = folder_.read_all(name_, net::PeerList::kMaxFileSize);
  if (text) return std::move(*text);
  if (text.error().code == ENOENT && path.empty()) return {};
  throw std::system_error(text.error().code, std::generic_category(),
                          "read the peer list " + (path.empty() ? name_ : path));
}

std::vector<net::Endpoint> PeersFile::endpoints() const {
  std::vector<net::Endpoint> endpoints;
  for (const net::PeerListEntry& entry : list_.entries()) {
    if (!entry.has_flag("self")) endpoints.push_back(entry.endpoint);
  }
  return endpoints;
}

void PeersFile::add(const std::vector<net::Endpoint>& endpoints) {
  bool all_there = std::all_of(endpoints.begin(), endpoints.end(),
                               [&](const net::Endpoint& endpoint) { return list_.contains(endpoint); });
  if (all_there || write_failed_) return;
  auto text = folder_.read_all(name_, net::PeerList::kMaxFileSize);
  if (!text && text.error().code != ENOENT) {
    write_failed_ = true;
    return log_.warning("peers learned are not kept: read " + name_ + ": " + text.error().message());
  }
  list_ = net::PeerList::parse(text ? *text : "");
  bool changed = false;
  for (const net::Endpoint& endpoint : endpoints) {
    if (list_.contains(endpoint)) continue;
    net::PeerListEntry entry;
    entry.endpoint = endpoint;
    entry.flags = {"peer"};
    changed = list_.put(entry) || changed;
  }
  if (!changed) return;
  auto status = folder_.status(name_);
  std::optional<net::Folder::Owner> owner;
  std::uint32_t mode = status ? status->mode : 0644;
  if (auto written = folder_.write_atomically(name_, list_.format(), mode, owner); !written) {
    write_failed_ = true;
    log_.warning("peers learned are not kept: write " + name_ + ": " + written.error().message());
  }
}

}  // namespace peer
