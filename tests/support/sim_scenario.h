// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "peer/files/content_id.h"
#include "tests/support/sim_network.h"

/// What many simulations begin with and wait for.
namespace support {

inline constexpr std::uint64_t kMiB = 1 << 20;

/// A host that keeps at most so many connections. Bytes move in pieces as large as they can be, which takes fewer
/// events: for crowds.
SimHost::Spec spec_with_places(std::size_t places);

/// `count` more hosts like `spec`; none is started.
void add_hosts(SimNetwork& network, std::size_t count, const SimHost::Spec& spec = {});
void start_all(SimNetwork& network);
/// `host` has `other` in its peers.txt.
void introduce(SimHost& host, const SimHost& other);
/// Each host but the first knows one or two hosts with smaller numbers, so that all hang together.
void introduce_to_one_or_two(SimNetwork& network);

/// True when each running host has a connection with a HELLO to each other running one, and to no other.
bool all_know_all(SimNetwork& network);
/// True when each running host knows the endpoint of each other running one.
bool all_have_heard_of_all(SimNetwork& network);

/// The user at each host who wants one file: fetches it as soon as a peer is seen to offer it, again where that failed
/// or the process was started anew.
class Download {
 public:
  enum class Begin {
    kWhenOffered,  ///< When a peer's catalog has it.
    kAtOnce,       ///< The user knows its id.
  };
  /// Looks after all hosts of the network, every 50 ms from now on. The network must outlive it.
  Download(SimNetwork& network, const peer::files::ContentId& id, std::string path, Begin begin = Begin::kWhenOffered);
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  /// True when every running host has the whole file in its library.
  bool all_have_it() const;
  std::size_t count_having_it() const;
  /// Fetches that ended in an error.
  std::size_t failures() const;
  /// The error of one of them.
  const std::string& last_error() const;

 private:
  struct State;
  static void look(const std::shared_ptr<State>& state);
  static void look_at(const std::shared_ptr<State>& state, SimHost& host);
  std::shared_ptr<State> state_;
};

}  // namespace support
