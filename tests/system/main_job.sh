#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole job: two hosts serve; a third, which knows nobody, scans, and with nothing but the peers.txt of its scan lists
# what the network offers and fetches files by name.
. "$(dirname "$0")/lib.sh"
lan_up 3
mkdir -p "$work"/{one,two}/shared/folder "$work/three"
random_file "$work/one/shared/big.bin" 5000001
cp "$work/one/shared/big.bin" "$work/two/shared/other name.bin"
echo "from one" >"$work/one/shared/folder/one.txt"
echo "from two" >"$work/two/shared/two.txt"
: >"$work/two/shared/empty"
start_in_host 1 "$P2PPEER" -C "$work/one" serve >"$work/one.log" 2>&1
start_in_host 2 "$P2PPEER" -C "$work/two" serve >"$work/two.log" 2>&1
wait_until 20 listening 1 12345
wait_until 20 listening 2 12345

cd "$work/three"
in_host 3 "$P2PSCAN" >"$work/scan.out" 2>"$work/scan.log"
assert_contains "$work/scan.out" 10.77.0.1
assert_contains "$work/scan.out" 10.77.0.2
listed=$(grep -v '^#' peers.txt | cut -f1 | sort | paste -sd ' ')
assert_equal "$listed" "10.77.0.1 10.77.0.2" "addresses in peers.txt"

in_host 3 "$P2PPEER" list >"$work/list.out" 2>"$work/list.log"
for name in big.bin "other name.bin" folder/one.txt two.txt empty; do assert_contains "$work/list.out" "$name"; done

in_host 3 "$P2PPEER" get big.bin two.txt empty >"$work/get.out" 2>"$work/get.log"
assert_same "$work/one/shared/big.bin" downloads/big.bin
assert_same "$work/two/shared/two.txt" downloads/two.txt
assert_same "$work/two/shared/empty" downloads/empty
assert_status 4 in_host 3 "$P2PPEER" get no-such-file >"$work/none.out" 2>"$work/none.log"
