#!/bin/bash
# SPDX-License-Identifier: MIT
# The disk fails the fetching peer once, in each of the calls that make a download durable: it says so or gets over it,
# no incomplete file ever has the name, and the next run completes the download (T47).
. "$(dirname "$0")/lib.sh"
need strace
lan_up 2
mkdir -p "$work/one/shared/tree"
shared=$work/one/shared
random_file "$shared/big.bin" 9000001
random_file "$shared/medium.bin" 3000001
for i in {1..9}; do random_file "$shared/tree/$i" 200001; done
serve_in_host 1 "$work/one"

# fault CALL ERROR WHEN [WHAT]: the WHENth such call of a get of WHAT fails, then a get without faults follows.
fault() {
  local what=${4-big.bin} status=0 name
  local home=$work/$1-$2-$3-$what
  mkdir "$home"
  lan_address 1 >"$home/peers.txt"
  ASAN_OPTIONS=detect_leaks=0 in_host 2 strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3" \
    "$P2PPEER" -C "$home" get --json "$what" >"$work/get.out" 2>"$work/get.log" || status=$?
  while IFS= read -r name; do assert_same "$shared/$name" "$home/downloads/$name"; done \
    < <(find "$home/downloads" -type f -printf '%P\n' 2>/dev/null)
  if ((status == 0)); then
    diff -r "$shared/$what" "$home/downloads/$what" >&2 || fail "$1 $2 $3: said done, and not all of $what is there"
  else
    ((status == 1 || status == 3)) || fail "$1 $2 $3: exit status $status"
    cat "$work/get.out" "$work/get.log" | grep -q . || fail "$1 $2 $3: failed without a word"
  fi
  assert_status 0 in_host 2 "$P2PPEER" -C "$home" get --json "$what" >"$work/get.out" 2>"$work/get.log"
  diff -r "$shared/$what" "$home/downloads/$what" >&2 || fail "$1 $2 $3: $what is not complete"
  assert_equal "$(ls -A "$home/downloads")" "$what" "what is in downloads"
  assert_equal "$(ls -A "$home/.p2p/partial")" "" "what is left in .p2p/partial"
}

mkdir "$work/two"
lan_address 1 >"$work/two/peers.txt"
wait_until 30 lists 2 "$work/two" big.bin
wait_until 30 lists 2 "$work/two" tree/9
fault fallocate EOPNOTSUPP 1
for when in 1 5; do fault pwrite64 EIO "$when"; done
for when in 1 2; do fault fdatasync EIO "$when"; done
for when in 1 2 3; do fault fsync EIO "$when"; done
fault renameat2 EIO 1
fault renameat2 EXDEV 1
# Files of a few MiB are made durable together where there are many.
for when in 1 2; do fault fsync EIO "$when" medium.bin; done
for when in 1 2 3 4; do fault syncfs EIO "$when" tree; done
for when in 1 9; do fault fsync EIO "$when" tree; done
fault renameat2 EIO 5 tree
