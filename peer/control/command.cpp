// SPDX-License-Identifier: MIT
#include "peer/control/command.h"

namespace peer::control {

std::string Command::option(const std::string& name, const std::string& otherwise) const {
  auto found = options.find(name);
  return found == options.end() || found->second.empty() ? otherwise : found->second.back();
}

net::Result<Command, RequestError> to_command(const Request& request) {
  Command command{request.op, {}, {}};
  auto arg = request.args.begin();
  for (; arg != request.args.end() && arg->starts_with("--"); ++arg) {
    if (*arg == "--") {
      ++arg;
      break;
    }
    auto equals = arg->find('=');
    auto name = arg->substr(2, equals == std::string::npos ? equals : equals - 2);
    if (name.empty()) return net::Failure{RequestError::kMalformed};
    command.options[name].push_back(equals == std::string::npos ? "" : arg->substr(equals + 1));
  }
  command.operands.assign(arg, request.args.end());
  return command;
}

Request to_request(const Command& command) {
  Request request{command.op, {}};
  for (const auto& [name, values] : command.options)
    for (const auto& value : values) request.args.push_back("--" + name + (value.empty() ? "" : "=" + value));
  if (!command.operands.empty() && (!request.args.empty() || command.operands.front().starts_with("--")))
    request.args.emplace_back("--");
  request.args.insert(request.args.end(), command.operands.begin(), command.operands.end());
  return request;
}

}  // namespace peer::control
