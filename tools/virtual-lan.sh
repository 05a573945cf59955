# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A LAN of network namespaces on this machine, sourced by tools/virtual-lan, the demo, the system tests and the benches.
#
# A switch (a bridge in a namespace of its own) and hosts, each a namespace with one interface, eth0, on that switch.
# Host K is 10.77.0.K/24 with the MAC 02:4c:41:4e:00:K. Nothing leads out of it. Needs root and iproute2.
#
#   LAN_NAME   begins the names of all its namespaces; give it something unique, such as the pid
#   LAN_NET    the first three parts of its IPv4 network (default 10.77.0)

: "${LAN_NAME:=lan$$}" "${LAN_NET:=10.77.0}"

# lan_up N [RATE]: a switch with hosts 1..N, each link shaped to RATE (such as 100mbit) both ways.
lan_up() {
  local k
  ip netns add "$LAN_NAME-switch"
  # Snooping would hold back multicast on a network without a querier.
  ip -n "$LAN_NAME-switch" link add bridge type bridge forward_delay 0 stp_state 0 mcast_snooping 0
  ip -n "$LAN_NAME-switch" link set bridge up
  for ((k = 1; k <= $1; k++)); do lan_add_host "$k" "${2-}"; done
  (($1 <= 16)) || lan_introduce "$1"
}

# lan_introduce N: hosts 1..N know each other's Ethernet addresses from the start. The kernel has one table of neighbours
# for all namespaces, of 1024 entries for each family (gc_thresh3 in arp(7)), and drops what is for others; what is
# permanent does not count. 32 hosts that speak to each other would fill it for every LAN on this machine.
lan_introduce() {
  local k address all
  all=$(for ((k = 1; k <= $1; k++)); do
    for address in "$(lan_address "$k")" "$(lan_link_local "$k")"; do
      echo "neighbour replace $address lladdr $(lan_mac "$k") nud permanent dev eth0"
    done
  done)
  for ((k = 1; k <= $1; k++)); do ip -n "$LAN_NAME-$k" -batch - <<<"$all"; done
}

# lan_add_host K [RATE]
lan_add_host() {
  local host=$LAN_NAME-$1 switch=$LAN_NAME-switch mac
  mac=$(lan_mac "$1")
  ip netns add "$host"
  # Duplicate address detection would keep the link-local address unusable for a second.
  ip netns exec "$host" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad' 2>/dev/null || true
  ip -n "$switch" link add "port$1" type veth peer name eth0 address "$mac" netns "$host"
  ip -n "$switch" link set "port$1" master bridge up
  ip -n "$host" link set lo up
  ip -n "$host" address add "$(lan_address "$1")/24" broadcast + dev eth0
  ip -n "$host" link set eth0 up
  [[ -z ${2-} ]] || lan_shape "$1" "$2"
}

# lan_routed_up N: instead of a LAN, hosts 1..N in networks of their own, and host N+1, which routes between them. Host K
# is 10.K.0.1/24, its router 10.K.0.254. No broadcast passes.
lan_routed_up() {
  local k router=$LAN_NAME-$(($1 + 1))
  ip netns add "$router"
  ip -n "$router" link set lo up
  for ((k = 1; k <= $1; k++)); do
    ip netns add "$LAN_NAME-$k"
    ip -n "$LAN_NAME-$k" link set lo up
    ip -n "$router" link add "to$k" type veth peer name eth0 netns "$LAN_NAME-$k"
    ip -n "$router" address add "10.$k.0.254/24" dev "to$k"
    ip -n "$router" link set "to$k" up
    ip -n "$LAN_NAME-$k" address add "10.$k.0.1/24" dev eth0
    ip -n "$LAN_NAME-$k" link set eth0 up
    ip -n "$LAN_NAME-$k" route add default via "10.$k.0.254"
  done
  ip netns exec "$router" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# lan_address K: the IPv4 address of host K.
lan_address() { echo "$LAN_NET.$1"; }

# lan_mac K, lan_link_local K: the Ethernet address of host K, and the IPv6 address of the link that follows from it.
lan_mac() { printf '02:4c:41:4e:%02x:%02x\n' $(($1 / 256)) $(($1 % 256)); }
lan_link_local() { printf 'fe80::4c:41ff:fe4e:%x\n' "$1"; }

# lan_shape K RATE [RATE_DOWN]: shapes what host K sends and what it receives.
lan_shape() {
  tc -n "$LAN_NAME-$1" qdisc replace dev eth0 root tbf rate "$2" burst 32kb latency 50ms
  tc -n "$LAN_NAME-switch" qdisc replace dev "port$1" root tbf rate "${3:-$2}" burst 32kb latency 50ms
}

# lan_link K up|down: plugs host K's cable in or out.
lan_link() { ip -n "$LAN_NAME-switch" link set "port$1" "$2"; }

# lan_exec K CMD...: becomes CMD on host K; does not return.
lan_exec() {
  local host=$LAN_NAME-$1
  shift
  exec ip netns exec "$host" "$@"
}

# lan_down: ends every process in the LAN's namespaces and removes them. Fine when there is no such LAN.
lan_down() {
  local name pids try
  local -a names
  mapfile -t names < <(ip netns list 2>/dev/null | awk -v lan="$LAN_NAME-" 'index($1, lan) == 1 { print $1 }')
  ((${#names[@]})) || return 0
  for try in TERM TERM KILL; do
    pids=$(for name in "${names[@]}"; do ip netns pids "$name" 2>/dev/null || true; done)
    [[ -n $pids ]] || break
    # shellcheck disable=SC2086  # a list of numbers
    kill -"$try" $pids 2>/dev/null || true
    sleep 0.3
  done
  for name in "${names[@]}"; do ip netns delete "$name" 2>/dev/null || true; done
}
