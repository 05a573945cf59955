#!/bin/bash
# SPDX-License-Identifier: MIT
# The virtual LAN itself: hosts reach each other and nothing else, links can be pulled and shaped, lan_down leaves nothing.
. "$(dirname "$0")/lib.sh"

# connect K ADDRESS PORT: true when a TCP connection from host K is taken.
connect() { in_host "$1" timeout 2 bash -c "exec 3<>/dev/tcp/$2/$3"; }
bridge_port() { ip -n "$LAN_NAME-switch" -o link show dev "port$1"; }

lan_up 3
# The kernel answers a connection to a closed port with a reset, so "refused" proves the way there and back.
for host in 2 3; do
  reply=$(connect 1 "$(lan_address "$host")" 9 2>&1) && fail "port 9 is open"
  assert_match "$reply" "refused" "answer of host $host"
done
in_host 1 ip route | grep -q default && fail "the LAN has a way out"

lan_link 3 down
assert_match "$(bridge_port 3)" "state (DOWN|LOWERLAYERDOWN)"
lan_link 3 up
assert_match "$(in_host 3 cat /proc/net/dev)" "eth0"

lan_shape 2 10mbit 20mbit
assert_match "$(tc -n "$LAN_NAME-2" qdisc show dev eth0)" "tbf .*rate 10Mbit"
assert_match "$(tc -n "$LAN_NAME-switch" qdisc show dev port2)" "tbf .*rate 20Mbit"

start_in_host 1 sleep 300
lan_down
ip netns list | grep -F "$LAN_NAME-" && fail "namespaces are left"
wait_until 5 eval "! kill -0 $started"
