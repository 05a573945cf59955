#!/bin/bash
# SPDX-License-Identifier: MIT
# Peers in two routed networks, between which no broadcast passes, meet through an introducer in a third (T54): whichever
# comes first, also when the introducer starts last or is started again; who leaves is told of no longer.
. "$(dirname "$0")/lib.sh"
need ss python3

lan_routed_up 3
mkdir -p "$work/one/shared" "$work/two/shared"
random_file "$work/one/shared/one.bin" 3000000
random_file "$work/two/shared/two.bin" 3000000

introduce() {
  start_in_host 3 "$P2PDNS" -C "$work/dns" >>"$work/dns.log" 2>&1
  dns=$started
  wait_until 30 listening 3 7494
}
# kept CONDITION: how many entries are on disk.
kept() {
  python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())' \
    "$work/dns/introducer.db" "SELECT count(*) FROM peers WHERE $1"
}
serve() { # serve K HOME
  start_in_host "$1" "$P2PPEER" -C "$work/$2" serve --introducer 10.3.0.1 >"$work/$2.log" 2>&1
  wait_until 30 listening "$1" 12345
}
# fetches K HOME NAME: true when the peer that serves from HOME can fetch what only the other one has.
fetches() { in_host "$1" "$P2PPEER" -C "$work/$2" get "$3" -q 2>"$work/get.log"; }

# The first peer comes before the introducer: it says so once, and comes again.
serve 1 one
one=$started
wait_until 30 grep -q "introducer 10.3.0.1:7494: connect: Connection refused; it is tried again" "$work/one.log"
introduce
wait_until 60 eval '(($(kept "address = '"'10.1.0.1'"'") == 1))'
wait_until 30 grep -q "introducer 10.3.0.1:7494 answers again" "$work/one.log"
serve 2 two
two=$started

# Each fetches from the other. The first never heard of the second but by its connection.
wait_until 30 fetches 2 two one.bin
wait_until 30 fetches 1 one two.bin
assert_same "$work/one/shared/one.bin" "$work/two/downloads/one.bin"
assert_same "$work/two/shared/two.bin" "$work/one/downloads/two.bin"

# What was learned so is remembered, for the commands that live for a moment.
wait_until 30 grep -q "^10.1.0.1" "$work/two/peers.txt"

# Who leaves in order is forgotten at once, also by a new introducer over the same folder.
stop_and_wait "$two" TERM
assert_equal "$stopped_status" 0 "exit status after SIGTERM"
assert_equal "$(kept "address = '10.2.0.1'")" 0 "entries of the one that left"
assert_equal "$(kept "address = '10.1.0.1'")" 1 "entries of the one that stays"
stop_and_wait "$dns" KILL

# Without the introducer a peer leaves just as well.
stop_and_wait "$one" INT
assert_equal "$stopped_status" 0 "exit status after SIGINT without an introducer"

# A name that nobody knows, and what is no name at all.
assert_status 1 in_host 1 "$P2PPEER" -C "$work/one" serve --introducer no.such.host.invalid 2>"$work/name.log"
assert_contains "$work/name.log" "--introducer: no host named 'no.such.host.invalid' was found"
assert_status 2 in_host 1 "$P2PPEER" -C "$work/one" serve --introducer 10.3.0.1:0 2>"$work/usage.log"
assert_contains "$work/usage.log" "--introducer: '10.3.0.1:0' is not HOST[:PORT]"
