#!/bin/bash
# SPDX-License-Identifier: MIT
# Sources die in the middle of a download: the others complete it; where there are no others, what was fetched is kept,
# and is not fetched again (T49).
. "$(dirname "$0")/lib.sh"
lan_up 4
mkdir -p "$work"/{one,two,three}/shared
random_file "$work/one/shared/big.bin" 16000001
random_file "$work/three/shared/rare.bin" 16000002
cp "$work/one/shared/big.bin" "$work/two/shared/copy of big.bin"
cp "$work/one/shared/big.bin" "$work/three/shared/big.bin"
serve_in_host 1 "$work/one"
one=$started
serve_in_host 2 "$work/two"
two=$started
serve_in_host 3 "$work/three"
three=$started
mkdir "$work/four"
for host in 1 2 3; do lan_address "$host"; done >"$work/four/peers.txt"
for name in big.bin "copy of big.bin" rare.bin; do wait_until 30 lists 4 "$work/four" "$name"; done

# get NAME OUT: the download in the background, on a link too slow to end soon; returns when something has come.
get_slowly() {
  lan_shape 4 4mbit
  start_in_host 4 "$P2PPEER" -C "$work/four" get --json "$1" >"$2" 2>"$work/get.log"
  wait_until 60 fetched_some "$2" 1000000
}
sources() { assert_equal "$(json_field "$1" progress sources)" "$2" sources; }

# Three sources: one is killed, one leaves in an orderly way, one is left.
get_slowly big.bin "$work/big.out"
getting=$started
sources "$work/big.out" 3
stop_and_wait "$one" KILL || true
in_host 2 "$P2PPEER" -C "$work/two" stop
wait "$two"
wait_until 30 eval '[[ $(json_field "$work/big.out" progress sources) == 1 ]]'
lan_shape 4 1gbit
assert_status 0 wait "$getting"
assert_same "$work/three/shared/big.bin" "$work/four/downloads/big.bin"

# The only source dies and comes back while the download waits for it.
get_slowly rare.bin "$work/rare1.out"
getting=$started
stop_and_wait "$three" KILL || true
wait_until 30 eval '[[ $(json_field "$work/rare1.out" progress sources) == 0 ]]'
got=$(json_field "$work/rare1.out" progress done)
serve_in_host 3 "$work/three"
three=$started
wait_until 60 fetched_some "$work/rare1.out" $((got + 1))

# It dies for good: the download is given up, and what came is kept.
stop_and_wait "$three" KILL || true
assert_status 1 wait "$getting"
assert_match "$(json_field "$work/rare1.out" failed error)" "kept"
got=$(json_field "$work/rare1.out" progress done)
[[ ! -e $work/four/downloads/rare.bin ]] || fail "an incomplete file has its name"

# Run again when the source is back, it fetches the rest and no more.
serve_in_host 3 "$work/three"
lan_shape 4 1gbit
wait_until 30 lists 4 "$work/four" rare.bin
in_host 4 "$P2PPEER" -C "$work/four" get --json rare.bin >"$work/rare2.out" 2>"$work/get.log"
fetched=$(json_field "$work/rare2.out" done fetched)
((fetched > 0 && fetched <= 16000002 - got)) || fail "$fetched bytes were fetched again; $got were there already"
assert_same "$work/three/shared/rare.bin" "$work/four/downloads/rare.bin"
