// SPDX-License-Identifier: MIT
#include <exception>

#include "net/log.h"
#include "peer/introducer/cli.h"
#include "peer/introducer/run.h"
#include "peer/operations/exit_status.h"

int main(int argc, char** argv) {
  const auto parsed = peer::introducer::parse_command_line(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  try {
    return peer::introducer::run(std::get<peer::introducer::Options>(parsed));
  } catch (const std::exception& error) {
    net::Log("p2pdns").error(error.what());
    return peer::operations::kExitFailed;
  }
}
