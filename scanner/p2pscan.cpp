// SPDX-License-Identifier: MIT
#include <exception>

#include "net/log.h"
#include "net/standard_streams.h"
#include "scanner/cli.h"
#include "scanner/exit_status.h"
#include "scanner/run.h"

int main(int argc, char** argv) {
  try {
    net::fill_standard_streams();
    const auto parsed = scanner::parse_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    return scanner::run(std::get<scanner::Options>(parsed));
  } catch (const std::exception& error) {
    net::Log("p2pscan").error(error.what());
    return scanner::kExitFailed;
  }
}
