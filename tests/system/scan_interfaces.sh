#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan chooses the interface a person would mean, and asks from the right address.
. "$(dirname "$0")/lib.sh"
lan_up 3
cd "$work"
ns=$LAN_NAME-1

scan() { in_host 1 "$P2PSCAN" -q --plain --no-vendor --retries 0 --timeout 100 -o none "$@"; }
found() { scan "$@" | grep -v self | cut -f1 | sort -V | xargs; }
lan="$LAN_NET.2 $LAN_NET.3"

# A bridge of containers beside the LAN, with and without a default route.
ip -n "$ns" link add docker0 type bridge
ip -n "$ns" link add veth9 type veth peer name inside
ip -n "$ns" link set veth9 master docker0 up
ip -n "$ns" link set inside up
ip -n "$ns" address add 172.17.0.1/16 dev docker0
ip -n "$ns" link set docker0 up
assert_equal "$(found)" "$lan" "beside docker0"
ip -n "$ns" route add default via "$LAN_NET.2"
assert_equal "$(found)" "$lan" "with a default route"

# A point-to-point tunnel that has the default route.
if ip -n "$ns" tuntap add tun9 mode tun 2>/dev/null; then
  ip -n "$ns" address add 10.8.0.2 peer 10.8.0.1 dev tun9
  ip -n "$ns" link set tun9 up
  ip -n "$ns" route replace default dev tun9
  assert_equal "$(found)" "$lan" "with a tunnel"
  assert_status 4 scan -i tun9 2>tun.log
  assert_contains tun.log "tun9 is not an Ethernet-like interface"
  assert_equal "$(found -A)" "$lan" "all, with a tunnel"
  ip -n "$ns" link delete tun9
fi
ip -n "$ns" route delete default 2>/dev/null || true

# An interface that is down does not count, and -i explains it.
ip -n "$ns" link add spare type veth peer name eth1 netns "$LAN_NAME-2"
ip -n "$LAN_NAME-2" address add 10.55.0.2/24 dev eth1
ip -n "$LAN_NAME-2" link set eth1 up
ip -n "$ns" address add 10.55.0.1/24 dev spare
assert_equal "$(found)" "$lan" "with an interface that is down"
assert_status 4 scan -i spare 2>down.log
assert_contains down.log "ip link set spare up"

# A second LAN: which one cannot be known, unless a target says it.
ip -n "$ns" link set spare up
assert_status 4 scan 2>several.log
assert_contains several.log "10.55.0.1/24"
assert_equal "$(found "$LAN_NET.2")" "$LAN_NET.2" "by target"
assert_equal "$(found 10.55.0.2)" 10.55.0.2 "by target, the other one"
assert_equal "$(found "$LAN_NET.2" 10.55.0.2)" "10.55.0.2 $LAN_NET.2" "by targets on both"
assert_equal "$(found -A)" "10.55.0.2 $lan" "all interfaces"
ip -n "$ns" link delete spare

# Several networks on one interface: each is asked from our address in it, which a neighbour's cache shows.
ip -n "$ns" address add 10.66.0.1/24 dev eth0
ip -n "$LAN_NAME-2" address add 10.66.0.2/24 dev eth0
ip -n "$LAN_NAME-2" neighbour flush all
assert_equal "$(found)" "10.66.0.2 $lan" "two networks"
assert_match "$(ip -n "$LAN_NAME-2" neighbour)" "10.66.0.1 .*02:4c:41:4e:00:01"
assert_match "$(ip -n "$LAN_NAME-2" neighbour)" "$LAN_NET.1 .*02:4c:41:4e:00:01"
ip -n "$ns" address delete 10.66.0.1/24 dev eth0
# A secondary address is ours too, and no host; the primary one asks.
ip -n "$ns" address add "$LAN_NET.200/24" dev eth0
ip -n "$LAN_NAME-2" neighbour flush all
assert_equal "$(found)" "$lan" "with a secondary address"
assert_equal "$(scan | grep self | cut -f1 | sort -V | xargs)" "$LAN_NET.1 $LAN_NET.200" "our own addresses"
assert_match "$(ip -n "$LAN_NAME-2" neighbour)" "$LAN_NET.1 .*02:4c:41:4e:00:01"
[[ $(ip -n "$LAN_NAME-2" neighbour) != *"$LAN_NET.200 "* ]] || fail "asked from the secondary address"
ip -n "$ns" address delete "$LAN_NET.200/24" dev eth0
# A /31 and a /32 beside the network.
ip -n "$ns" address add 10.67.0.0/31 dev eth0
ip -n "$ns" address add 10.68.0.1/32 dev eth0
ip -n "$LAN_NAME-3" address add 10.67.0.1/31 dev eth0
assert_equal "$(found)" "10.67.0.1 $lan" "with a /31 and a /32"
ip -n "$ns" address delete 10.67.0.0/31 dev eth0
ip -n "$ns" address delete 10.68.0.1/32 dev eth0
# A self-assigned address does not add 65,000 targets.
ip -n "$ns" address add 169.254.3.4/16 dev eth0
assert_equal "$(found)" "$lan" "with a self-assigned address"
ip -n "$ns" address delete 169.254.3.4/16 dev eth0

# /31 whole; /32 is only ourselves.
ip -n "$ns" address flush dev eth0 scope global
ip -n "$ns" address add "$LAN_NET.3/31" dev eth0
assert_equal "$(found)" "$LAN_NET.2" "/31"
ip -n "$ns" address flush dev eth0 scope global
ip -n "$ns" address add "$LAN_NET.9/32" dev eth0
assert_status 1 scan -i eth0 >/dev/null
ip -n "$ns" address flush dev eth0 scope global

# The address is on a bridge, the LAN is one of its ports.
ip -n "$ns" link add name br0 type bridge forward_delay 0 stp_state 0
ip -n "$ns" link set eth0 master br0
ip -n "$ns" address add "$LAN_NET.1/24" dev br0
ip -n "$ns" link set br0 up
wait_until 30 eval "ip -n $ns link show br0 | grep -q 'state UP'"
assert_equal "$(found)" "$lan" "a bridge"
ip -n "$ns" link set eth0 nomaster
ip -n "$ns" link delete br0

# A bond.
if ip -n "$ns" link add bond9 type bond mode active-backup miimon 100 2>/dev/null; then
  ip -n "$ns" link set eth0 down
  ip -n "$ns" link set eth0 master bond9
  ip -n "$ns" link set bond9 up
  ip -n "$ns" address add "$LAN_NET.1/24" dev bond9
  wait_until 30 eval "ip -n $ns link show bond9 | grep -q LOWER_UP"
  assert_equal "$(found)" "$lan" "a bond"
  ip -n "$ns" link set eth0 nomaster
  ip -n "$ns" link delete bond9
fi
# No address anywhere.
ip -n "$ns" link delete docker0
assert_status 4 scan 2>none.log
