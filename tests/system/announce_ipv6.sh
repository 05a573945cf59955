#!/bin/bash
# SPDX-License-Identifier: MIT
# Peers find each other on a link that has no IPv4 at all.
. "$(dirname "$0")/lib.sh"
lan_up 3
for host in 1 2 3; do ip -n "$LAN_NAME-$host" address flush dev eth0 scope global; done
mkdir -p "$work"/{one,two}/shared "$work/three"
echo "from one" >"$work/one/shared/from-one.txt"
echo "from two" >"$work/two/shared/from-two.txt"
serve_in_host 1 "$work/one"
serve_in_host 2 "$work/two"
wait_until 30 lists 1 "$work/one" from-two.txt
wait_until 30 lists 2 "$work/two" from-one.txt
wait_until 30 lists 3 "$work/three" from-two.txt
in_host 3 "$P2PPEER" -C "$work/three" get from-one.txt >"$work/get.out" 2>"$work/get.log"
assert_same "$work/one/shared/from-one.txt" "$work/three/downloads/from-one.txt"
wait_until 30 grep -F "%eth0]" "$work/one/peers.txt"
