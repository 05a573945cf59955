// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/result.h"
#include "peer/control/grammar.h"

namespace peer::control {

/// A request as operations see it: options first, each `--name` or `--name=value`, then `--`, then operands. The `--`
/// may be left out where no operand begins with "--"; what follows the first operand is never an option.
struct Command {
  std::string op;
  std::map<std::string, std::vector<std::string>> options;  ///< By name without the dashes; values in their order.
  std::vector<std::string> operands;
  bool operator==(const Command&) const = default;

  /// The last value of an option; `otherwise` where it is not there.
  std::string option(const std::string& name, const std::string& otherwise = "") const;
  bool has(const std::string& name) const { return options.contains(name); }
};

/// An option without a name (`--=x`) is kMalformed.
net::Result<Command, RequestError> to_command(const Request& request);
Request to_request(const Command& command);

}  // namespace peer::control
