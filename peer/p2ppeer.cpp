// SPDX-License-Identifier: MIT
#include <exception>

#include "net/log.h"
#include "net/standard_streams.h"
#include "peer/cli.h"
#include "peer/commands.h"
#include "peer/operations/exit_status.h"

int main(int argc, char** argv) {
  try {
    net::fill_standard_streams();
    const auto parsed = peer::parse_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    return peer::run(std::get<peer::Options>(parsed));
  } catch (const std::exception& error) {
    net::Log("p2ppeer").error(error.what());
    return peer::operations::kExitFailed;
  }
}
