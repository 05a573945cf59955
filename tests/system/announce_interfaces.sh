#!/bin/bash
# SPDX-License-Identifier: MIT
# A peer that was started before its network is found when the network comes; one whose address changes, or whose
# interface goes and comes back, is found again without a restart (T53).
. "$(dirname "$0")/lib.sh"
lan_up 2
ip netns add "$LAN_NAME-3"
ip -n "$LAN_NAME-3" link set lo up
for host in 1 2 3; do in_host "$host" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' || true; done
mkdir -p "$work"/{one,two,three}/shared
for home in one two three; do echo "from $home" >"$work/$home/shared/from-$home.txt"; done
serve_in_host 1 "$work/one"
serve_in_host 2 "$work/two"
serve_in_host 3 "$work/three"

# plug K ADDRESS: gives host K an interface on the switch.
plug() {
  ip -n "$LAN_NAME-switch" link add "port$1" type veth peer name eth0 netns "$LAN_NAME-$1"
  ip -n "$LAN_NAME-switch" link set "port$1" master bridge up
  ip -n "$LAN_NAME-$1" address add "$2/24" dev eth0
  ip -n "$LAN_NAME-$1" link set eth0 up
}
sees() { in_host 1 "$P2PPEER" -C "$work/one" peers --json | grep -F '"connected"' | grep -F "\"endpoint\":\"10.77.0.$1:12345\"" >/dev/null; }
wait_until 30 sees 2
plug 3 10.77.0.3
wait_until 30 sees 3
wait_until 30 lists 3 "$work/three" from-two.txt

# Another address, as from another DHCP server.
ip -n "$LAN_NAME-2" address add 10.77.0.102/24 dev eth0
ip -n "$LAN_NAME-2" address del 10.77.0.2/24 dev eth0
ip -n "$LAN_NAME-2" address replace 10.77.0.102/24 dev eth0
wait_until 60 sees 102
wait_until 30 lists 1 "$work/one" from-two.txt

# The interface is taken away, and another comes.
ip -n "$LAN_NAME-3" link delete eth0
plug 3 10.77.0.103
wait_until 60 sees 103
wait_until 30 lists 3 "$work/three" from-one.txt

# Down and up again with the same address.
ip -n "$LAN_NAME-3" link set eth0 down
sleep 1
ip -n "$LAN_NAME-3" link set eth0 up
wait_until 60 sees 103
wait_until 60 lists 3 "$work/three" from-one.txt
