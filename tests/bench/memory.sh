#!/bin/bash
# SPDX-License-Identifier: MIT
# How much memory a peer takes at most: a file of 10 GiB, nearly all of it a hole, from 32 sources. The sources share one
# inode and what is known of its hashes. In the table stand the times; the peaks (VmHWM) stand beside them.
#   BENCH_MEMORY_MIB (10240), BENCH_MEMORY_SOURCES (32); on disk in /var/tmp, as tmpfs takes memory for what is reserved.
export TMPDIR=/var/tmp
. "$(dirname "$0")/lib.sh"
mib=${BENCH_MEMORY_MIB:-10240}
sources=${BENCH_MEMORY_SOURCES:-32}
client=$((sources + 1))
(($(df --output=avail -m "$work" | tail -n 1) > mib + 1024)) || skip "not enough room in /var/tmp"

lan_up "$client"
mkdir "$work/client"
truncate -s "${mib}M" "$work/image"
for part in 0 1 2 3; do
  dd if=/dev/urandom of="$work/image" bs=1M count=8 seek=$((part * mib / 4)) conv=notrunc status=none
done
for ((k = 1; k <= sources; k++)); do
  mkdir -p "$work/$k/shared" "$work/$k/.p2p"
  ln "$work/image" "$work/$k/shared/image"
done
offered() { in_host "$client" "$P2PPEER" -C "$work/client" list --from "$1" --json 2>/dev/null | grep -q '"image"'; }

# The first hashes it, and the others begin with its index.
serve_in_host 1 "$work/1" --no-announce
wait_until 300 offered "$(lan_address 1)"
in_host 1 "$P2PPEER" -C "$work/1" stop
wait "$started"
servers=() from=()
for ((k = 1; k <= sources; k++)); do
  ((k == 1)) || cp "$work/1/.p2p/index.db" "$work/$k/.p2p/"
  serve_in_host "$k" "$work/$k" --no-announce
  servers+=("$started")
  from+=(--from "$(lan_address "$k")")
done
for ((k = 1; k <= sources; k++)); do wait_until 60 offered "$(lan_address "$k")"; done

# peak PID: the most memory that it has had, in KiB; nothing once it has ended.
peak() { awk '/^VmHWM:/ { print $2 }' "/proc/$1/status" 2>/dev/null || true; }

by_get() {
  local began=$EPOCHREALTIME pid now got=0 served=0
  rm -rf "$work/client"
  start_in_host "$client" "$P2PPEER" -C "$work/client" get image "${from[@]}" -q
  pid=$started
  while now=$(peak "$pid") && [[ -n $now ]]; do
    got=$now
    sleep 0.05
  done
  wait "$pid"
  elapsed=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f", b - a }')
  assert_equal "$(stat -c %s "$work/client/downloads/image")" $((mib << 20)) "bytes fetched"
  for pid in "${servers[@]}"; do
    now=$(peak "$pid")
    ((now <= served)) || served=$now
  done
  note "peak: get $((got >> 10)) MiB, serve $((served >> 10)) MiB"
}
contender "p2ppeer get" "$P2PPEER" by_get
compare "memory: $mib MiB from $sources sources" "peaks <= 64 MiB"
