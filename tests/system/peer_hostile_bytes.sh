#!/bin/bash
# SPDX-License-Identifier: MIT
# Hostile bytes on the port (T01 to T05, T08, T10, T11, T16 to T19, T23, T31): each costs a connection at most. Meanwhile
# and afterwards another host is served as ever, by the same process, whose memory stayed small.
. "$(dirname "$0")/lib.sh"
hostile=$root/tests/system/hostile_peer.py
[[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
lan_up 3
mkdir -p "$work/one/shared" "$work/three"
random_file "$work/one/shared/big.bin" 20000001
for ((i = 0; i < 900; i++)); do echo "$i" >"$work/one/shared/a file of many with a long name $i"; done
serve_in_host 1 "$work/one" --accept-push=1G
serving=$started
address=$(lan_address 1)
lan_address 1 >"$work/three/peers.txt"
wait_until 60 lists 3 "$work/three" big.bin
wait_until 60 lists 3 "$work/three" "name 899"

# The most memory it ever had, in KiB; the sanitizers' own is much.
most=$((96 * 1024))
[[ ${BIN-} != *asan* ]] || most=$((1200 * 1024))
assert_unharmed() {
  kill -0 "$serving" || fail "the peer is gone after $1"
  local peak
  peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$serving/status")
  ((peak < most)) || fail "the peer took $peak KiB after $1"
}
gets() {
  rm -f "$work/three/downloads/big.bin"
  in_host 3 "$P2PPEER" -C "$work/three" get big.bin >"$work/get.out" 2>"$work/get.log" || fail "no get after $1"
  assert_same "$work/one/shared/big.bin" "$work/three/downloads/big.bin"
}
attack() { in_host 2 /usr/bin/python3 "$hostile" attack "$1" "$address" 2>&1 || fail "$1"; }

for name in garbage lengths wrong_state unknown_type byte_by_byte endless_list half_requests offers; do
  attack "$name"
  assert_unharmed "$name"
done
gets "hostile bytes"
attack slow_handshake &
slow=$!
gets "a slow handshake"
wait "$slow"

# Connections that are closed take few descriptors, however fast they come.
attack lingers &
lingering=$!
most_descriptors=0
while kill -0 "$lingering" 2>/dev/null; do
  descriptors=$(find "/proc/$serving/fd" -mindepth 1 2>/dev/null | wc -l)
  ((descriptors <= most_descriptors)) || most_descriptors=$descriptors
  sleep 0.1
done
wait "$lingering"
((most_descriptors < 400)) || fail "$most_descriptors descriptors were taken"
assert_unharmed lingers

# Those that hold on to their connections: the other host is served meanwhile.
for name in never_reads flood; do
  start_in_host 2 /usr/bin/python3 "$hostile" attack "$name" "$address" >"$work/$name.out" 2>"$work/$name.log"
  wait_until 60 grep holding "$work/$name.out"
  gets "$name"
  assert_unharmed "$name"
  stop_and_wait "$started"
done
gets "all of it"
[[ -z $(find "$work/one/downloads" -type f) ]] || fail "something was written"
assert_unharmed "all of it"
in_host 1 "$P2PPEER" -C "$work/one" stop
assert_status 0 wait "$serving"
