// SPDX-License-Identifier: MIT
#pragma once

namespace net {

/// Opens what of standard input, output and error was closed when the program was started, so that no file or socket
/// opened later gets one of their numbers and is sent messages. Reading and writing them still fails, with EBADF.
/// First thing in main, before anything is opened. Throws std::system_error.
void fill_standard_streams();

}  // namespace net
