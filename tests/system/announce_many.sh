#!/bin/bash
# SPDX-License-Identifier: MIT
# 32 peers that are started together and know nobody all know each other; when one leaves, all know it. How long that
# took, and what they send while nothing happens, is printed in ANNOUNCE_REPORT where that is set.
. "$(dirname "$0")/lib.sh"
hosts=32
lan_up "$hosts"
report() { [[ -z ${ANNOUNCE_REPORT-} ]] || echo "$*" >>"$ANNOUNCE_REPORT"; }
now() { date +%s%N; }
declare -A peer
begun=$(now)
for ((k = 1; k <= hosts; k++)); do
  mkdir -p "$work/$k/shared"
  echo "$k" >"$work/$k/shared/from-$k.txt"
  start_in_host "$k" "$P2PPEER" -C "$work/$k" serve --name "host$k" >"$work/$k.log" 2>&1
  peer[$k]=$started
done
report "started: $((($(now) - begun) / 1000000)) ms"

# How many nodes each is connected to, from the kernel's table: a peer keeps one connection to each.
connections() { in_host "$1" ss -Htn state established '( sport = :12345 or dport = :12345 )' | wc -l; }
all_have() {
  local k
  for ((k = 1; k <= hosts; k++)); do
    [[ $k == "${2-}" ]] || (($(connections "$k") >= $1)) || return 1
  done
}
wait_until 60 all_have $((hosts - 1))
report "all connected: $((($(now) - begun) / 1000000)) ms after the first was started"
peers_of() { in_host "$1" "$P2PPEER" -C "$work/$1" peers --json | grep -c '"connected"'; }
all_know() {
  local k
  for k in 1 7 32; do (($(peers_of "$k") == $1)) || return 1; done
}
wait_until 60 all_know $((hosts - 1))
wait_until 60 lists 5 "$work/5" from-32.txt

if [[ -n ${ANNOUNCE_REPORT-} ]]; then
  bytes() { in_host 9 cat /sys/class/net/eth0/statistics/"$1"_bytes; }
  sent=$(bytes tx) got=$(bytes rx)
  sleep 60
  report "idle: $((($(bytes tx) - sent) / 60)) bytes/s sent, $((($(bytes rx) - got) / 60)) received by each"
fi

left=$(now)
kill -INT "${peer[20]}"
wait_until 60 all_know $((hosts - 2))
report "a leave was known to three: $((($(now) - left) / 1000000)) ms"
knows_20() { in_host 1 "$P2PPEER" -C "$work/1" list --json | grep -q from-20.txt; }
! knows_20 || fail "files of a peer that left are listed"
