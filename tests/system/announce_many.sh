#!/bin/bash
# SPDX-License-Identifier: MIT
# 32 peers that are started together and know nobody all know each other; when one leaves, all know it. How long that
# took, and what they send while nothing happens, is noted.
. "$(dirname "$0")/lib.sh"
hosts=32 idle_seconds=20
lan_up "$hosts"
now() { date +%s%N; }
ms_since() { echo $((($(now) - $1) / 1000000)); }
declare -A peer
begun=$(now)
for ((k = 1; k <= hosts; k++)); do
  mkdir -p "$work/$k/shared"
  echo "$k" >"$work/$k/shared/from-$k.txt"
  start_in_host "$k" "$P2PPEER" -C "$work/$k" serve --name "host$k" >"$work/$k.log" 2>&1
  peer[$k]=$started
done
note "starting $hosts peers took $(ms_since "$begun") ms"
last=$(now)

# How many nodes each is connected to, from the kernel's table: a peer keeps one connection to each.
connections() { in_host "$1" ss -Htn state established '( sport = :12345 or dport = :12345 )' | wc -l; }
# Each is looked at until it has them all, then the next, so that looking takes little of the time that is measured.
complete=0
all_complete() {
  local k
  for ((k = complete + 1; k <= hosts; k++)); do
    (($(connections "$k") >= hosts - 1)) || return 1
    complete=$k
  done
}
wait_until 60 all_complete
note "all were connected $(ms_since "$last") ms after the last was started, $(ms_since "$begun") ms after the first"
peers_of() { in_host "$1" "$P2PPEER" -C "$work/$1" peers --json | grep -c '"connected"'; }
all_know() {
  local k
  for k in 1 7 32; do (($(peers_of "$k") == $1)) || return 1; done
}
wait_until 60 all_know $((hosts - 1))
wait_until 60 lists 5 "$work/5" from-32.txt

# Idle traffic, from the counters of the interfaces.
all_bytes() {
  local k
  for ((k = 1; k <= hosts; k++)); do in_host "$k" cat "/sys/class/net/eth0/statistics/$1_bytes"; done
}
sum() { awk '{ total += $1 } END { printf "%d", total }'; }
# The last of the three announcements that a peer begins with, and the answers to it, come within 2.4 s.
sleep 4
sent=$(all_bytes tx | sum) got=$(all_bytes rx | sum) from=$(now)
sleep $idle_seconds
sent=$(($(all_bytes tx | sum) - sent)) got=$(($(all_bytes rx | sum) - got)) took=$(ms_since "$from")
note "idle, each: $((sent * 1000 / took / hosts)) bytes/s sent, $((got * 1000 / took / hosts)) received, over $((took / 1000)) s"
# Each says something to everybody about twice a minute, and now and then to each; far from a byte for each pair.
((sent * 1000 / took / hosts < 20000)) || fail "idle peers send $sent bytes in $took ms"

# Some note the moment in which they are told.
watchers=(1 7 16 32)
for k in "${watchers[@]}"; do
  # shellcheck disable=SC2016  # for the other shell
  start_in_host "$k" bash -c '"$0" -C "$1" peers --watch | while read -r line; do echo "$(date +%s%N) $line"; done' \
    "$P2PPEER" "$work/$k" >"$work/$k.seen" 2>"$work/$k.seen.log"
done
sees() { grep -c " $2 .*host20" "$work/$1.seen"; }
for k in "${watchers[@]}"; do wait_until 60 sees "$k" added; done
left=$(now)
kill -INT "${peer[20]}"
slowest=0
for k in "${watchers[@]}"; do
  wait_until 60 sees "$k" removed
  at=$(awk '/ removed .*host20/ { print $1; exit }' "$work/$k.seen")
  took=$(((at - left) / 1000000))
  ((took <= slowest)) || slowest=$took
done
note "a leave was told by ${#watchers[@]} others $slowest ms after the signal at the latest, 100 ms of which they gather changes"
wait_until 60 all_know $((hosts - 2))
knows_20() { in_host 1 "$P2PPEER" -C "$work/1" list --json | grep -q from-20.txt; }
! knows_20 || fail "files of a peer that left are listed"
