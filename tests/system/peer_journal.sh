#!/bin/bash
# SPDX-License-Identifier: MIT
# Where stderr is the journal's, lines have a level and no name; what was passed on to another program's stderr is not.
. "$(dirname "$0")/lib.sh"
lan_up 1
mkdir -p "$work/home"
printf 'a\\b\e[2J\n' >"$work/home/peers.txt"
touch "$work/journal"
stream=$(stat -c '%d:%i' "$work/journal")
# serve_until_stopped LOG: a peer with JOURNAL_STREAM that says something, for a moment.
serve_until_stopped() {
  start_in_host 1 env JOURNAL_STREAM="$stream" "$P2PPEER" -C "$work/home" serve --no-announce 2>"$1"
  wait_until 30 in_host 1 "$P2PPEER" -C "$work/home" status
  stop_and_wait "$started"
}
serve_until_stopped "$work/journal"
assert_contains "$work/journal" "<6>serving $work/home on "
assert_equal "$(grep -m1 peers.txt "$work/journal")" '<4>peers.txt:1: not an address: "a\\b\x1b[2J"'
assert_no_line "$work/journal" "p2ppeer: "
serve_until_stopped "$work/terminal"
assert_contains "$work/terminal" "p2ppeer: serving $work/home on "
assert_equal "$(grep -m1 peers.txt "$work/terminal")" 'p2ppeer: peers.txt:1: not an address: "a\\b\x1b[2J"'
