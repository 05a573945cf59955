// SPDX-License-Identifier: MIT
#include "peer/peers_file.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace peer {
namespace {

constexpr const char* kDefaultName = "peers.txt";
/// Who comes tells us itself at which port it listens. A host that tells many, or many that do, must not fill the list,
/// which is dialled at every start (threat T35).
constexpr std::size_t kMostOfAddress = 8;
constexpr std::size_t kMostToAddTo = 4096;

std::string folder_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

PeersFile::PeersFile(const Home& home, const std::string& path, const net::Log& log, bool makes)
    : name_(path.empty() ? kDefaultName : path.substr(path.rfind('/') + 1)), log_(log), makes_(makes) {
  if (!path.empty() || home.has_root()) folder_ = net::Folder::open(path.empty() ? home.path() : folder_of(path));
  parse(read(path));
}

net::Result<std::string, net::SystemError> PeersFile::read_all() const {
  if (!folder_) return net::failed(ENOENT);
  return folder_->read_all(name_, net::PeerList::kMaxFileSize);
}

void PeersFile::parse(const std::string& text) {
  list_ = net::PeerList::parse(text);
  for (const net::PeerListProblem& problem : list_.problems()) {
    log_.warning(name_ + ":" + std::to_string(problem.line) + ": " + problem.what);
  }
}

void PeersFile::reload() {
  auto text = read_all();
  if (!text && text.error().code != ENOENT) return log_.warning("read " + name_ + ": " + text.error().message());
  parse(text ? *text : "");
}

std::string PeersFile::read(const std::string& path) const {
  auto text = read_all();
  if (text) return std::move(*text);
  if (text.error().code == ENOENT && path.empty()) return {};
  if (text.error().code == EINVAL) {
    throw std::runtime_error("the peer list " + (path.empty() ? name_ : path) + " is not a regular file");
  }
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
  auto text = read_all();
  if (!text && text.error().code == ENOENT && (!makes_ || !folder_)) return;
  if (!text && text.error().code != ENOENT) {
    write_failed_ = true;
    return log_.warning("peers learned are not kept: read " + name_ + ": " + text.error().message());
  }
  list_ = net::PeerList::parse(text ? *text : "");
  std::map<net::IpAddress, std::size_t> of_address;
  for (const net::PeerListEntry& entry : list_.entries()) ++of_address[entry.endpoint.address];
  bool changed = false;
  for (const net::Endpoint& endpoint : endpoints) {
    if (list_.contains(endpoint)) continue;
    if (list_.size() >= kMostToAddTo || of_address[endpoint.address]++ >= kMostOfAddress) continue;
    net::PeerListEntry entry;
    entry.endpoint = endpoint;
    entry.flags = {"peer"};
    changed = list_.put(entry) || changed;
  }
  if (!changed) return;
  auto status = folder_->status(name_);
  std::uint32_t mode = status ? status->mode : 0644;
  folder_->remove_abandoned(name_);
  if (auto written = folder_->write_atomically(name_, list_.format(), mode); !written) {
    write_failed_ = true;
    log_.warning("peers learned are not kept: write " + name_ + ": " + written.error().message());
  }
}

}  // namespace peer
