#!/bin/bash
# SPDX-License-Identifier: MIT
# The disk fails the fetching peer once, in each of the calls that make a download durable: it says so or gets over it,
# no incomplete file ever has the name, and the next run completes the download (T47).
. "$(dirname "$0")/lib.sh"
need strace
lan_up 2
mkdir -p "$work/one/shared"
random_file "$work/one/shared/big.bin" 3000001
serve_in_host 1 "$work/one"

# fault CALL ERROR WHEN: the WHENth such call of a get fails, then a get without faults follows.
fault() {
  local home=$work/$1-$2-$3 status=0
  mkdir "$home"
  lan_address 1 >"$home/peers.txt"
  ASAN_OPTIONS=detect_leaks=0 in_host 2 strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3" \
    "$P2PPEER" -C "$home" get --json big.bin >"$work/get.out" 2>"$work/get.log" || status=$?
  if [[ -e $home/downloads/big.bin ]]; then assert_same "$work/one/shared/big.bin" "$home/downloads/big.bin"; fi
  if ((status == 0)); then
    [[ -e $home/downloads/big.bin ]] || fail "$1 $2 $3: said done, and the file is not there"
  else
    ((status == 1)) || fail "$1 $2 $3: exit status $status"
    cat "$work/get.out" "$work/get.log" | grep -q . || fail "$1 $2 $3: failed without a word"
  fi
  assert_status 0 in_host 2 "$P2PPEER" -C "$home" get --json big.bin >"$work/get.out" 2>"$work/get.log"
  assert_same "$work/one/shared/big.bin" "$home/downloads/big.bin"
  assert_equal "$(ls -A "$home/downloads")" big.bin "what is in downloads"
  assert_equal "$(ls -A "$home/.p2p/partial")" "" "what is left in .p2p/partial"
}

mkdir "$work/two"
lan_address 1 >"$work/two/peers.txt"
wait_until 30 lists 2 "$work/two" big.bin
fault fallocate EOPNOTSUPP 1
for when in 1 5; do fault pwrite64 EIO "$when"; done
for when in 1 2; do fault fdatasync EIO "$when"; done
for when in 1 2 3; do fault fsync EIO "$when"; done
fault renameat2 EIO 1
fault renameat2 EXDEV 1
