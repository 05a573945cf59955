// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "net/address.h"
#include "net/result.h"
#include "net/time.h"
#include "peer/control/grammar.h"
#include "peer/introducer/directory.h"
#include "peer/introducer/limits.h"

namespace peer::introducer {

/// Answers requests from the directory. What it changes there is to be on disk before the answer is sent.
class Service {
 public:
  /// Lower ones belong to other services, and peers do not dial them.
  static constexpr std::uint16_t kLowestPort = 1024;

  /// `note`, where there is one, is told in a line what was asked and what came of it; it is not escaped. The directory
  /// must outlive the service.
  explicit Service(Directory& directory, std::function<void(const std::string&)> note = {})
      : directory_(directory), note_(std::move(note)) {}

  struct Answer {
    std::string bytes;
    bool last = false;  ///< The connection is to be closed behind it.
  };
  /// `source` is where the connection comes from.
  Answer answer(net::TimePoint now, const net::Endpoint& source,
                const net::Result<control::Request, control::RequestError>& request);

 private:
  std::string carry_out(net::TimePoint now, const net::IpAddress& source, Join join);
  void note(const net::Endpoint& source, const net::Result<control::Request, control::RequestError>& request,
            const Answer& answer) const;

  Directory& directory_;
  std::function<void(const std::string&)> note_;
  Limits limits_;
};

}  // namespace peer::introducer
