#!/bin/bash
# SPDX-License-Identifier: MIT
# --limit holds, up and down, by what the hosts' interfaces have counted; and what is fetched under it is whole.
. "$(dirname "$0")/lib.sh"
lan_up 3
mkdir -p "$work"/{one,two,three}/shared
random_file "$work/one/shared/big.bin" 24000001
serve_in_host 1 "$work/one" --limit 2M
address=$(lan_address 1)

# moved K rx|tx: bytes that host K's interface has moved since it was made.
moved() { in_host "$1" cat "/sys/class/net/eth0/statistics/${2}_bytes"; }
now_ns() { date +%s%N; }
# assert_within HOST rx|tx RATE: while the file that $get fetches is under way, the counter grows no faster than by the
# rate, with a half more for headers, requests and what the kernel takes in before anybody reads it.
assert_within() {
  local before after start ns
  before=$(moved "$1" "$2") start=$(now_ns)
  sleep 3
  after=$(moved "$1" "$2") ns=$(($(now_ns) - start))
  ((after - before <= $3 * (ns / 1000000) * 3 / 2000 + 1000000)) ||
    fail "$2 of host $1 grew by $((after - before)) bytes in $((ns / 1000000)) ms; the limit is $3 a second"
}

wait_until 30 lists 2 "$work/two" big.bin --from "$address"
start_in_host 2 "$P2PPEER" -C "$work/two" get --json --from "$address" big.bin >"$work/two.out" 2>"$work/get-two.log"
get=$started
wait_until 30 fetched_some "$work/two.out"
assert_within 1 tx $((2 << 20))
assert_status 0 wait "$get"
assert_same "$work/one/shared/big.bin" "$work/two/downloads/big.bin"

# Down, and from one that has no limit of its own.
serve_in_host 2 "$work/two"
wait_until 30 lists 3 "$work/three" big.bin --from "$(lan_address 2)"
start_in_host 3 "$P2PPEER" -C "$work/three" get --json --limit 16Mbit --from "$(lan_address 2)" big.bin \
  >"$work/three.out" 2>"$work/get-three.log"
get=$started
wait_until 30 fetched_some "$work/three.out"
assert_within 3 rx 2000000
assert_status 0 wait "$get"
assert_same "$work/one/shared/big.bin" "$work/three/downloads/big.bin"

assert_status 2 "$P2PPEER" -C "$work/three" get --limit fast big.bin 2>"$work/usage.log"
assert_contains "$work/usage.log" "'fast' is not a rate such as 5M or 100Mbit"
