// SPDX-License-Identifier: MIT
#include <exception>

#include "net/log.h"
#include "peer/cli.h"
#include "peer/commands.h"
#include "peer/operations/exit_status.h"

int main(int argc, char** argv) {
  const auto parsed = peer::parse_command_line(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  try {
    return peer::run(std::get<peer::Options>(parsed));
  } catch (const std::exception& error) {
    net::Log("p2ppeer").error(error.what());
    return peer::operations::kExitFailed;
  }
}
