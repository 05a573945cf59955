#!/bin/bash
# SPDX-License-Identifier: MIT
# What is forged, malformed or too much does no harm: answers are never longer than the question and bounded in number,
# a flood costs nothing that lasts, and a leave in another's name ends no connection (T33, T35, T52).
. "$(dirname "$0")/lib.sh"
lan_up 3
mkdir -p "$work"/{one,two}/shared
for i in $(seq 40); do echo "$i" >"$work/one/shared/file-$i.txt"; done
serve_in_host 1 "$work/one"
one=$started
serve_in_host 2 "$work/two"
sender=$root/tests/system/announce_sender.py

# The connection between the two, from host 1: its addresses and ports.
connections() { in_host 1 ss -Htn state established | awk '/10\.77\.0\.2/ { print $3, $4 }' | sort; }
connected() { [[ $(connections | wc -l) == 1 ]] && lists 2 "$work/two" file-40.txt; }
wait_until 30 connected
before=$(connections)

in_host 3 "$sender" ask 10.77.0.255

# Two hosts' worth of them is read in the time that the flood takes, not all.
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$one/status"; }
was=$(memory)
answers=$(in_host 3 "$sender" flood 10.77.0.255 20000)
((answers < 2000)) || fail "$answers answers to a flood"
in_host 1 "$P2PPEER" -C "$work/one" status >/dev/null
lists 2 "$work/two" file-40.txt || fail "the flood broke what was there"
(($(memory) - was < 16384)) || fail "memory grew from $was to $(memory) KiB"

in_host 3 "$sender" leave 10.77.0.2 >"$work/leave.out"
assert_contains "$work/leave.out" sent
# It is asked whether it is there, and the answer takes no longer than this.
sleep 6
assert_equal "$(connections)" "$before" "the connection after a forged leave"
lists 2 "$work/two" file-40.txt || fail "a forged leave was believed"
