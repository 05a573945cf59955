#!/bin/bash
# SPDX-License-Identifier: MIT
# Where the switch passes neither broadcast nor multicast, announcements find nobody, and peers.txt does (T54).
. "$(dirname "$0")/lib.sh"
lan_up 2
for host in 1 2; do
  other=$((3 - host))
  ip -n "$LAN_NAME-switch" link set "port$host" type bridge_slave bcast_flood off mcast_flood off flood on
  # Address resolution is broadcast, too.
  ip -n "$LAN_NAME-$host" neighbour replace "10.77.0.$other" lladdr "02:4c:41:4e:00:0$other" dev eth0 nud permanent
done
mkdir -p "$work/one/shared" "$work/two" "$work/alone"
echo "from one" >"$work/one/shared/from-one.txt"
serve_in_host 1 "$work/one"
assert_status 5 in_host 2 "$P2PPEER" -C "$work/alone" list >"$work/none.out" 2>"$work/none.log"
lan_address 1 >"$work/two/peers.txt"
wait_until 30 lists 2 "$work/two" from-one.txt
serve_in_host 2 "$work/two"
wait_until 30 lists 2 "$work/two" from-one.txt
