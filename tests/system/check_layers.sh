#!/bin/bash
# SPDX-License-Identifier: MIT
# tools/check-layers accepts the project as it is, and names each kind of breach with its place.
. "$(dirname "$0")/lib.sh"

"$root/tools/check-layers"

# plant FILE LINE...: a tree with these lines in FILE, and nothing else.
plant() {
  rm -rf "$work/tree"
  mkdir -p "$(dirname "$work/tree/$1")"
  printf '%s\n' "${@:2}" >"$work/tree/$1"
}

# breach FILE WHAT LINE: a tree with one line of code in FILE must be refused with "FILE:2: ...WHAT...".
breach() {
  local report
  plant "$1" '// a comment' "$3"
  if report=$("$root/tools/check-layers" "$work/tree"); then fail "nothing found in $1 with: $3"; fi
  assert_match "$report" "^$1:2: .*$2" "report on: $3"
}

# fine FILE LINE: a tree with that line of code passes.
fine() {
  plant "$1" "$2"
  "$root/tools/check-layers" "$work/tree" || fail "refused in $1: $2"
}

breach net/bytes.cpp "must not use scanner/" '#include "scanner/sweep.h"'
breach net/bytes.cpp "must not use peer/" '#include "peer/node.h"'
breach scanner/sweep.cpp "must not use peer/" '#include "peer/wire/session.h"'
breach peer/driver.cpp "must not use scanner/" '#include "scanner/link.h"'
breach net/bytes.cpp "no path from the root" '#include "bytes.h"'
breach peer/node.cpp "no path from the root" '#include "tests/support/clock.h"'

breach net/rate.cpp "<sys/time.h>" '#include <sys/time.h>'
breach peer/wire/session.h "<unistd.h>" '#  include  <unistd.h>'
breach peer/swarm/picker.cpp "<pcap/pcap.h>" '#include <pcap/pcap.h>'
breach scanner/sweep.cpp "<tins/arp.h>" '#include <tins/arp.h>'
breach peer/files/catalog.cpp "<sqlite3.h>" '#include <sqlite3.h>'
breach peer/node.cpp "<thread>" '#include <thread>'
breach peer/node.cpp "reads a clock" 'auto t = std::chrono::steady_clock::now();'
breach peer/node.cpp "reads a clock" 'auto t = net::Clock::now();'
breach peer/node.cpp "reads a clock" '/* a */ auto t = time(nullptr);'
breach peer/node.cpp "environment" 'const char* home = std::getenv("HOME");'
breach peer/node.cpp "random" 'int n = rand();'
breach peer/node.cpp "random" 'std::random_device device;'
breach peer/node.cpp "threads" 'std::thread worker(run);'

breach peer/node.cpp "which is not pure" '#include "net/socket.h"'
breach scanner/sweep.h "which is not pure" '#include "scanner/link.h"'

breach net/log.h "a header includes <spdlog/spdlog.h>" '#include <spdlog/spdlog.h>'
breach peer/files/index.h "a header includes <sqlite3.h>" '#include <sqlite3.h>'
breach peer/cli.h "a header includes <CLI/CLI.hpp>" '#include <CLI/CLI.hpp>'

# An operating-system part may do all of it, and words in comments and strings are no code.
fine net/socket.cpp '#include <sys/socket.h>'
fine peer/driver.cpp 'auto t = net::Clock::now();'
fine peer/control/server.cpp '#include <sys/un.h>'
fine peer/driver.cpp '#include "net/socket.h"'
fine peer/node.cpp '#include "net/digest.h"'
fine peer/node.cpp '// the time(nullptr) of std::thread'
fine peer/node.cpp 'const char* text = "getenv(rand())";'
fine peer/node.cpp 'timers_.expire_time(0); clock.now(); transfer_time(0);'
