# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Counting of results, sourced by everything that runs tests or checks. The last line of each such program is
# "N passed, N failed, N skipped", so that the counts of several can be added up.

passed=0 failed=0 skipped=0

# tally_add LINE: adds a totals line of another program; false when LINE is none.
tally_add() {
  [[ $1 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]] || return 1
  passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
}

# tally_run CMD...: runs a program that ends with a totals line, shows its output and adds its counts. A program that
# fails without having counted a failure counts as one failure.
tally_run() {
  local output status=0 failed_before=$failed
  output=$(mktemp)
  "$@" 2>&1 | tee "$output" || status=$?
  tally_add "$(grep -E ' passed, .* skipped$' "$output" | tail -n 1)" || status=${status/#0/1}
  rm -f "$output"
  if ((status != 0 && failed == failed_before)); then
    echo "FAIL $* (exit status $status)"
    failed=$((failed + 1))
  fi
}

# tally_finish: prints the totals; false when something failed.
tally_finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
}
