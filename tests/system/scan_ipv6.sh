#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan -6: hosts that answer echo requests, hosts that do not, global and link-local addresses, single targets.
. "$(dirname "$0")/lib.sh"
[[ -e /proc/sys/net/ipv6 ]] || skip "no IPv6"
lan_up 4
cd "$work"
for k in 1 2 3; do ip -n "$LAN_NAME-$k" address add "fd00:77::$k/64" dev eth0 nodad; done
# Host 4 keeps silent to echo requests, as many do.
in_host 4 sh -c 'echo 1 >/proc/sys/net/ipv6/icmp/echo_ignore_multicast' 2>/dev/null || true
for k in 1 2 3 4; do
  wait_until 30 eval "ip -n $LAN_NAME-$k -6 address show dev eth0 scope link | grep inet6 | grep -vq tentative"
done
link_local() { printf 'fe80::4c:41ff:fe4e:%x%%eth0' "$1"; }
scan() { in_host 1 "$P2PSCAN" -q -6 "$@"; }

scan --json >all.json
for k in 2 3; do
  assert_contains all.json "\"ip\":\"$(link_local $k)\""
  assert_contains all.json "\"ip\":\"fd00:77::$k\""
done
assert_contains all.json "\"ip\":\"$(link_local 4)\",\"mac\":\"02:4c:41:4e:00:04\""
assert_match "$(grep -F "$(link_local 1)" all.json)" '"flags":\["self"\]'
# It may have asked for our address first, and is shown again then with its round trip.
assert_match "$(grep -F 'fd00:77::2"' all.json | tail -1)" '"rtt_ms":'
assert_contains peers.txt "[fd00:77::2]"
assert_no_line peers.txt "fd00:77::1]"

assert_equal "$(scan --plain -o none fd00:77::3 | cut -f1,2)" "fd00:77::3	02:4c:41:4e:00:03" "a target"
assert_equal "$(scan --plain -o none "$(link_local 4)" | cut -f1)" "$(link_local 4)" "a target with a zone"
assert_status 1 scan -o none fd00:77::99
assert_status 2 scan 10.77.0.2 2>/dev/null
assert_status 2 in_host 1 "$P2PSCAN" fd00:77::2 2>/dev/null
# Without an IPv4 address.
ip -n "$LAN_NAME-1" -4 address flush dev eth0
assert_status 0 scan -o none >/dev/null
