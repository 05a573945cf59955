#!/bin/bash
# SPDX-License-Identifier: MIT
# What the words of `get` mean: ambiguous names, ids, several names, folders, -o; nothing is overwritten; the same content
# under two names is fetched from both; every exit status.
. "$(dirname "$0")/lib.sh"
lan_up 3
mkdir -p "$work"/{one,two}/shared/album/{a,b} "$work/three"
one=$work/one/shared two=$work/two/shared
echo "the first" >"$one/notes.txt"
echo "the second, which is longer" >"$two/notes.txt"
echo "alpha" >"$one/album/a/alpha.txt"
echo "beta" >"$one/album/b/beta.txt"
echo "gamma" >"$two/album/b/gamma.txt"
rmdir "$two/album/a"
echo "plain" >"$one/plain.txt"
random_file "$one/big.bin" 6000001
cp "$one/big.bin" "$two/under another name"
serve_in_host 1 "$work/one"
serve_in_host 2 "$work/two"
for host in 1 2; do lan_address "$host"; done >"$work/three/peers.txt"
cd "$work/three"
get() { in_host 3 "$P2PPEER" get --json "$@" >"$work/get.out" 2>"$work/get.log"; }
for name in notes.txt album/b/gamma.txt plain.txt big.bin "under another name"; do
  wait_until 30 lists 3 . "$name"
done

# An ambiguous name lists its candidates with their ids, and fetches nothing.
assert_status 1 in_host 3 "$P2PPEER" get notes.txt >"$work/text.out" 2>"$work/text.log"
first=$("$P2PPEER" id "$one/notes.txt" | grep -o 'p2p:[0-9a-f]*:[0-9]*')
second=$("$P2PPEER" id "$two/notes.txt" | grep -o 'p2p:[0-9a-f]*:[0-9]*')
cat "$work/text.out" "$work/text.log" >"$work/said"
assert_contains "$work/said" "$first"
assert_contains "$work/said" "$second"
assert_equal "$(ls -A downloads)" "" "what was fetched"

# An id tells them apart; the second gets another name, because the first has that name already.
get "$first"
assert_same "$one/notes.txt" downloads/notes.txt
get "$second"
assert_same "$one/notes.txt" downloads/notes.txt
assert_same "$two/notes.txt" "downloads/notes (2).txt"
# The same content again is already there.
get "$second"
assert_equal "$(json_field "$work/get.out" "done" already_there)" true "already there"
assert_equal "$(json_field "$work/get.out" "done" fetched)" 0 "bytes that were fetched again"
assert_equal "$(find downloads -type f | wc -l)" 2 "files in downloads"
# An existing file of the user's is as safe.
echo "mine" >downloads/plain.txt
get plain.txt
assert_equal "$(<downloads/plain.txt)" mine "what stood there"
assert_same "$one/plain.txt" "downloads/plain (2).txt"

# Of several names one is missing.
assert_status 3 get big.bin nowhere.bin
assert_same "$one/big.bin" downloads/big.bin
assert_equal "$(json_field "$work/get.out" not_found name)" nowhere.bin "what was not found"

# The same twice, by the same name or another and by its id, comes once and is told once.
get big.bin "$("$P2PPEER" id "$two/under another name" | grep -o 'p2p:[0-9a-f]*:[0-9]*')" big.bin nowhere.bin nowhere.bin -o again/ || status=$?
assert_equal "${status-}" 3 "exit status"
assert_equal "$(ls -A again)" big.bin "what was fetched"
for event in start "done" not_found; do
  assert_equal "$(grep -c "\"event\":\"$event\"" "$work/get.out")" 1 "times that $event is told"
done
assert_equal "$(json_field "$work/get.out" summary files) $(json_field "$work/get.out" summary failed)" "1 1" "files and failures in the summary"

# A folder is what all peers have of it, and keeps its shape.
get album
for name in a/alpha.txt b/beta.txt; do assert_same "$one/album/$name" "downloads/album/$name"; done
assert_same "$two/album/b/gamma.txt" downloads/album/b/gamma.txt
get album/ -o elsewhere/
for name in a/alpha.txt b/beta.txt; do assert_same "$one/album/$name" "elsewhere/album/$name"; done
# A folder goes into the folder that -o names, also where that is new and no slash says so.
get album -o new
for name in a/alpha.txt b/beta.txt; do assert_same "$one/album/$name" "new/album/$name"; done

# -o: a file's own name, or a folder.
get big.bin -o mine.bin
assert_same "$one/big.bin" mine.bin
mkdir into
get big.bin -o into
assert_same "$one/big.bin" into/big.bin
assert_status 2 get big.bin -o .hidden
echo "mine" >other.bin
# What cannot work is said before anything is fetched.
assert_status 2 get big.bin plain.txt -o other.bin
assert_contains "$work/get.log" "is not a folder"
get big.bin -o other.bin
assert_equal "$(<other.bin)" mine "what stood there"

# One content under two names at two hosts: both are sources.
rm -rf downloads/big.bin
lan_shape 3 4mbit
start_in_host 3 "$P2PPEER" get --json big.bin -o twice.bin >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out" 500000
assert_equal "$(json_field "$work/get.out" progress sources)" 2 sources
lan_shape 3 1gbit
assert_status 0 wait "$started"
assert_same "$one/big.bin" twice.bin

# The other exit statuses.
assert_status 4 get nowhere.bin
assert_status 2 in_host 3 "$P2PPEER" get >"$work/usage.out" 2>"$work/usage.log"
assert_status 2 in_host 3 "$P2PPEER" get big.bin --from "10.77.0.1:99999" >"$work/usage.out" 2>"$work/usage.log"
assert_status 5 in_host 3 "$P2PPEER" get big.bin --from 10.77.0.77 >"$work/usage.out" 2>"$work/usage.log"
assert_status 5 in_host 3 "$P2PPEER" list --from 10.77.0.77 >"$work/usage.out" 2>"$work/usage.log"
assert_status 1 in_host 3 "$P2PPEER" status >"$work/usage.out" 2>"$work/usage.log"
assert_contains "$work/usage.log" "no peer serves"
