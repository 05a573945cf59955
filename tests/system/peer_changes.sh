#!/bin/bash
# SPDX-License-Identifier: MIT
# Files change, shrink and vanish while they are served: what was asked for comes from who still has it, a wrong byte is
# never kept, and the serving peer offers what is there now (T30, T36).
. "$(dirname "$0")/lib.sh"
lan_up 3
mkdir -p "$work"/{one,two}/shared "$work/three"
one=$work/one/shared two=$work/two/shared
names=(changed.bin shrunk.bin vanished.bin replaced.bin)
for name in "${names[@]}"; do
  random_file "$one/$name" 8000001
  cp "$one/$name" "$two/$name"
done
random_file "$one/only-here.bin" 8000001
for host in 1 2; do lan_address "$host"; done >"$work/three/peers.txt"
serve_in_host 1 "$work/one"
serving=$started
serve_in_host 2 "$work/two"
for name in "${names[@]}" only-here.bin; do wait_until 30 lists 3 "$work/three" "$name"; done
id=$("$P2PPEER" id "$one/changed.bin" | grep -o 'p2p:[0-9a-f]*:[0-9]*')
only=$("$P2PPEER" id "$one/only-here.bin" | grep -o 'p2p:[0-9a-f]*:[0-9]*')

# change FILE: other bytes all over it, in place.
change() { /usr/bin/python3 - "$1" <<'END'
import sys
with open(sys.argv[1], "r+b") as file:
    for at in range(0, 8000000, 65536):
        file.seek(at)
        file.write(b"changed")
END
}

lan_shape 3 8mbit
start_in_host 3 "$P2PPEER" -C "$work/three" get --json "${names[@]}" >"$work/get.out" 2>"$work/get.log"
getting=$started
wait_until 60 fetched_some "$work/get.out" 500000
change "$one/changed.bin"
truncate -s 100000 "$one/shrunk.bin"
rm "$one/vanished.bin"
random_file "$work/other" 8000001
mv "$work/other" "$one/replaced.bin"
lan_shape 3 1gbit
assert_status 0 wait "$getting"
for name in "${names[@]}"; do assert_same "$two/$name" "$work/three/downloads/$name"; done

# The list of the peer tells what is there now.
not_listed() { ! lists 3 "$work/three" "$@"; }
wait_until 30 not_listed "$id" --from 10.77.0.1
wait_until 30 not_listed vanished.bin --from 10.77.0.1
now=$("$P2PPEER" id "$one/shrunk.bin" | grep -o 'p2p:[0-9a-f]*:[0-9]*')
wait_until 30 lists 3 "$work/three" "$now" --from 10.77.0.1

# Nobody else has it: the download ends, and nothing wrong gets its name.
lan_shape 3 8mbit
start_in_host 3 "$P2PPEER" -C "$work/three" get --json only-here.bin >"$work/get.out" 2>"$work/get.log"
getting=$started
wait_until 60 fetched_some "$work/get.out" 500000
change "$one/only-here.bin"
lan_shape 3 1gbit
assert_status 1 wait "$getting"
assert_contains "$work/get.out" '"event":"failed"'
[[ ! -e $work/three/downloads/only-here.bin ]] || fail "something got the name of what could not be completed"
wait_until 30 not_listed "$only" --from 10.77.0.1
kill -0 "$serving" || fail "the serving peer is gone"
