#!/bin/bash
# SPDX-License-Identifier: MIT
# Peers with empty homes find each other with no configuration at all, also two on one host and on ports of their own; a
# peer that lives for one command asks and is answered. A leave is known, whatever ends the peer.
. "$(dirname "$0")/lib.sh"
need tcpdump
lan_up 3
mkdir -p "$work"/{one,two,beside,quiet}/shared "$work/three"
for home in one two beside quiet; do echo "from $home" >"$work/$home/shared/from-$home.txt"; done
serve_in_host 1 "$work/one"
serve_in_host 2 "$work/two"
two=$started
serve_in_host 2 "$work/beside" --listen 0.0.0.0:20000
beside=$started

knows() { in_host "$1" "$P2PPEER" -C "$work/$2" peers --json | grep -F '"connected"' | grep -F "\"endpoint\":\"10.77.0.$3\"" >/dev/null; }
wait_until 30 knows 1 one 2:12345
wait_until 30 knows 1 one 2:20000
wait_until 30 knows 2 two 2:20000
wait_until 30 knows 2 two 1:12345
wait_until 30 knows 2 beside 1:12345
wait_until 30 knows 2 beside 2:12345
wait_until 30 lists 1 "$work/one" from-beside.txt
learned() { grep -F "10.77.0.$2" "$work/$1/peers.txt" >/dev/null; }
wait_until 30 learned one 2:20000
wait_until 30 learned two 1

# Commands on a host that knows nobody.
for home in one two beside; do wait_until 30 lists 3 "$work/three" "from-$home.txt"; done
[[ ! -e $work/three/peers.txt ]] || rm "$work/three/peers.txt"
in_host 3 "$P2PPEER" -C "$work/three" get from-one.txt from-beside.txt >"$work/get.out" 2>"$work/get.log"
assert_same "$work/beside/shared/from-beside.txt" "$work/three/downloads/from-beside.txt"
rm -f "$work/three/peers.txt"
for _ in $(seq 20); do in_host 3 "$P2PPEER" -C "$work/three" peers -q --json >"$work/peers.out"; done
assert_equal "$(grep -c '"connected"' "$work/peers.out")" 3 "peers that answered the twentieth time"
rm -f "$work/three/peers.txt"

# Who does not announce is not found, and finds nobody.
serve_in_host 3 "$work/quiet" --no-announce
quiet=$started
assert_status 5 in_host 3 "$P2PPEER" -C "$work/three" list --no-announce >"$work/none.out" 2>"$work/none.log"
lists 3 "$work/three" from-one.txt || fail "not found beside a silent peer"
rm -f "$work/three/peers.txt"
! lists 3 "$work/three" from-quiet.txt || fail "a silent peer was found"
stop_and_wait "$quiet"
rm -f "$work/three/peers.txt"

# Each way to end is a leave.
gone() { ! knows "$@"; }
start_in_host 3 timeout 120 tcpdump -i eth0 -n -A -l udp port 12345 >"$work/heard" 2>"$work/tcpdump.log"
capture=$started
wait_until 30 grep -F listening "$work/tcpdump.log"
leaves() { grep -c '"op":"leave"' "$work/heard" | grep -qx "$1"; }
stop_and_wait "$two" INT
wait_until 30 gone 1 one 2:12345
# To the broadcast address and both groups, twice.
wait_until 30 leaves 6
stop_and_wait "$beside" TERM
wait_until 30 gone 1 one 2:20000
# It listens on IPv4 only.
wait_until 30 leaves 10
kill "$capture"
