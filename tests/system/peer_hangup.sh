#!/bin/bash
# SPDX-License-Identifier: MIT
# The terminal of a get goes away: it leaves in an orderly way, what was fetched is kept, and the next get goes on with it.
# Under nohup it goes on by itself. Where a serving peer carries it out, only the command ends.
. "$(dirname "$0")/lib.sh"
lan_up 2
mkdir -p "$work"/{one,two,three}/shared
size=12000001
random_file "$work/one/shared/big.bin" $size
serve_in_host 1 "$work/one" --limit 3M
wait_until 30 lists 2 "$work/two" big.bin --from 10.77.0.1
got=$work/two/downloads/big.bin

start_in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out" 1000000
stop_and_wait "$started" HUP
assert_equal "$stopped_status" 1 "exit status"
assert_equal "$(json_field "$work/get.out" summary exit)" 1 "exit in the summary"
grep '"event":"failed"' "$work/get.out" | grep -qF "stopped; what was fetched is kept" || fail "it is not said that it can go on"
[[ ! -e $got ]] || fail "an incomplete file has its name"
[[ -n $(ls -A "$work/two/.p2p/partial") ]] || fail "nothing of it was kept"
kept=$(json_field "$work/get.out" progress done)
nobody_fetches() { in_host 1 "$P2PPEER" -C "$work/one" status --json | grep -F '"peers":0,'; }
wait_until 10 nobody_fetches

# The next one goes on with what was verified; nohup keeps the signal from it.
start_in_host 2 nohup "$P2PPEER" -C "$work/two" get --json big.bin --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"
first_state() { grep -m 1 '"state":"fetching"' "$work/get.out"; }
wait_until 60 first_state
first=$(first_state | sed -E 's/.*"done":([0-9]+).*/\1/')
((first >= kept)) || fail "$first bytes are there, $kept were"
wait_until 60 fetched_some "$work/get.out" $((first + 1))
kill -HUP "$started"
wait "$started"
assert_same "$work/one/shared/big.bin" "$got"
fetched=$(json_field "$work/get.out" "done" fetched)
((fetched > 0 && fetched <= size - kept)) || fail "$fetched bytes were fetched again; $kept were there already"

# A second one ends it at once, whatever is under way.
rm "$got"
start_in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin absent --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out"
kill -HUP "$started"
kill -HUP "$started" 2>/dev/null || true
status=0
wait "$started" || status=$?
((status == 1 || status == 130)) || fail "exit status $status after two signals"

# Through a peer that serves: it goes on there.
serve_in_host 2 "$work/three" --no-announce
serving=$started
echo 10.77.0.1 >"$work/three/peers.txt"
in_host 2 "$P2PPEER" -C "$work/three" peers --refresh >"$work/peers.out" 2>"$work/peers.log"
start_in_host 2 "$P2PPEER" -C "$work/three" get --json big.bin >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out"
stop_and_wait "$started" HUP
assert_equal "$stopped_status" 130 "exit status of the command"
assert_contains "$work/get.log" "the running peer goes on with the download"
wait_until 60 test -e "$work/three/downloads/big.bin"
assert_same "$work/one/shared/big.bin" "$work/three/downloads/big.bin"
kill -0 "$serving"
