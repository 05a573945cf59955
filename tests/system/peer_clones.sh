#!/bin/bash
# SPDX-License-Identifier: MIT
# On a file system where files can share their blocks, a copy of an equal file takes no room of its own, and what is wrong
# in it is found out all the same (T36).
. "$(dirname "$0")/lib.sh"
need mkfs.xfs
lan_up 2
size=$((64 << 20))
home=$work/home
mkdir -p "$work/one/shared" "$home"
truncate -s 400M "$work/image"
mkfs.xfs -q -m reflink=1 "$work/image" || skip "no xfs with reflinks can be made here"
mount -o loop "$work/image" "$home" || skip "no xfs can be mounted here"
random_file "$work/one/shared/a.bin" $size
cp "$work/one/shared/a.bin" "$work/one/shared/b.bin"
cp "$work/one/shared/a.bin" "$work/one/shared/c.bin"
serve_in_host 1 "$work/one"
for name in a b c; do wait_until 30 lists 2 "$work/two" "$name.bin" --from 10.77.0.1; done
get() { in_host 2 "$P2PPEER" -C "$home" get --json "$@" --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"; }
used() {
  sync -f "$home"
  df --output=used -B1 "$home" | tail -n 1
}

# Of three equal files two share the blocks of the first.
before=$(used)
get a.bin b.bin c.bin
for name in a b c; do assert_same "$work/one/shared/a.bin" "$home/downloads/$name.bin"; done
took=$(($(used) - before))
((took < size * 3 / 2)) || fail "three equal files of $size bytes have taken $took"
assert_equal "$(grep '"event":"done"' "$work/get.out" | grep -c '"fetched":0,')" 2 "files that were not fetched"

# What one of them is changed to is not seen in the others.
printf changed | dd of="$home/downloads/b.bin" bs=1 seek=1000000 conv=notrunc status=none
assert_same "$work/one/shared/a.bin" "$home/downloads/c.bin"

# So is what the peer shares itself, whose hashes it knows.
rm "$home"/downloads/*
mkdir "$home/shared"
cp "$work/one/shared/a.bin" "$home/shared/mine.bin"
lan_address 1 >"$home/peers.txt"
serve_in_host 2 "$home"
offers_it() { in_host 2 "$P2PPEER" -C "$home" status --json | grep -F '"shared_files":1,'; }
wait_until 30 offers_it
get_by_server() { in_host 2 "$P2PPEER" -C "$home" get --json "$@" >"$work/get.out" 2>"$work/get.log"; }
before=$(used)
get_by_server a.bin
assert_same "$work/one/shared/a.bin" "$home/downloads/a.bin"
assert_equal "$(json_field "$work/get.out" done fetched)" 0 "bytes fetched of what was there"
took=$(($(used) - before))
((took < size / 2)) || fail "a clone of $size bytes has taken $took"

# One that was changed since it came is found out, although it was cloned.
printf changed | dd of="$home/downloads/a.bin" bs=1 seek=1000000 conv=notrunc status=none
get_by_server b.bin
assert_same "$work/one/shared/b.bin" "$home/downloads/b.bin"
