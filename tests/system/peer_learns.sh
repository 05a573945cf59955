#!/bin/bash
# SPDX-License-Identifier: MIT
# Host 1 knows 2, host 2 knows 3, and soon all know all: also their peers.txt, whose comments stay. What changes in shared/
# shows in the others' lists. The hashes survive a restart.
. "$(dirname "$0")/lib.sh"
lan_up 3
mkdir -p "$work"/{one,two,three}/shared
for host in one two three; do echo "from $host" >"$work/$host/shared/from-$host.txt"; done
random_file "$work/three/shared/big.bin" 40000001
printf '# the printer room\n\n10.77.0.2  # next door\nthis is no address\n' >"$work/one/peers.txt"
printf '10.77.0.3\t02:4c:41:4e:00:03\tSome Vendor\t2024-05-01T12:00:00Z\tkept-flag\n# the end\n' >"$work/two/peers.txt"
serve_in_host 3 "$work/three"
three=$started
serve_in_host 2 "$work/two"
serve_in_host 1 "$work/one"

knows() { grep -F -e "$2" "$work/$1/peers.txt" >/dev/null; }
for pair in "one 10.77.0.3" "two 10.77.0.1" "three 10.77.0.1" "three 10.77.0.2"; do
  # shellcheck disable=SC2086  # two words
  wait_until 60 knows $pair
done
for line in "# the printer room" "# next door" "this is no address"; do assert_contains "$work/one/peers.txt" "$line"; done
for line in "# the end" "Some Vendor" "kept-flag"; do assert_contains "$work/two/peers.txt" "$line"; done
assert_equal "$(grep -c 10.77.0.2 "$work/one/peers.txt")" 1 "lines for a peer that was there"
for host in one two three; do assert_no_line "$work/$host/peers.txt" 127.0.0.1; done
wait_until 30 lists 1 "$work/one" from-three.txt
wait_until 30 lists 3 "$work/three" from-one.txt
wait_until 60 lists 1 "$work/one" big.bin

# Changes while it runs.
shared=$work/three/shared
not_listed() { ! lists 1 "$work/one" "$1"; }
echo "new" >"$shared/new.txt"
wait_until 30 lists 1 "$work/one" new.txt
echo "new, and longer" >"$shared/new.txt"
wait_until 30 lists 1 "$work/one" "$("$P2PPEER" id "$shared/new.txt" | grep -o 'p2p:[0-9a-f]*:[0-9]*')"
mkdir "$work/made-elsewhere"
echo "deep" >"$work/made-elsewhere/deep.txt"
mv "$work/made-elsewhere" "$shared/folder"
wait_until 30 lists 1 "$work/one" folder/deep.txt
mv "$shared/folder" "$shared/renamed"
wait_until 30 lists 1 "$work/one" renamed/deep.txt
wait_until 30 not_listed folder/deep.txt
rm -r "$shared/renamed" "$shared/new.txt"
wait_until 30 not_listed deep.txt
wait_until 30 not_listed new.txt
in_host 1 "$P2PPEER" -C "$work/one" get from-three.txt big.bin >"$work/get.out" 2>"$work/get.log"
assert_same "$shared/big.bin" "$work/one/downloads/big.bin"
# What was fetched is offered by the one who fetched it.
providers() { lists 2 "$work/two" '"path":"big.bin"' && in_host 2 "$P2PPEER" -C "$work/two" list --json | grep '"path":"big.bin"' | grep -F 10.77.0.1; }
wait_until 30 providers

# The second start reads none of the files again; the bytes that the process read tell.
bytes_read() { awk '$1 == "rchar:" { print $2 }' "/proc/$1/io"; }
(($(bytes_read "$three") > 40000000)) || fail "the file was not read at the first start"
in_host 3 "$P2PPEER" -C "$work/three" stop
wait "$three"
serve_in_host 3 "$work/three"
three=$started
wait_until 30 lists 2 "$work/two" big.bin --from 10.77.0.3
(($(bytes_read "$three") < 20000000)) || fail "the second start read the file again"

# A peer that left is known all the same, and is found again when it is back.
connected() { in_host 1 "$P2PPEER" -C "$work/one" peers --json | grep -F '"connected"' | grep -F "10.77.0.$1"; }
wait_until 60 connected 3
