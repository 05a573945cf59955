#!/bin/bash
# SPDX-License-Identifier: MIT
# Of equal files one crosses the network, by what the hosts' interfaces have counted, and the others are copied from it,
# each with its own name, time and mode: with get, with push, where the first of them fails, and after a kill in between.
# What is pushed counts whole against quota and disk.
. "$(dirname "$0")/lib.sh"
need strace
lan_up 3
size=$((40 << 20))
other=3000001
tree=$work/one/shared/tree
mkdir -p "$tree/deep" "$work/two" "$work/three"
random_file "$tree/a.bin" $size
cp "$tree/a.bin" "$tree/b.bin"
cp "$tree/a.bin" "$tree/deep/c.bin"
random_file "$tree/other" $other
chmod 0400 "$tree/b.bin"
touch -d '2001-02-03 04:05:06 UTC' "$tree/b.bin"
touch -d '2002-02-03 04:05:06 UTC' "$tree/deep/c.bin"
received() { in_host "$1" cat /sys/class/net/eth0/statistics/rx_bytes; }
# came_once K BEFORE: host K has received one of the equal files and the other one since, and a few percent.
came_once() {
  local came=$(($(received "$1") - $2))
  ((came > size + other && came < (size + other) * 108 / 100)) || fail "host $1 has received $came bytes"
}
is_the_tree() { # is_the_tree FOLDER
  local name
  diff -r "$tree" "$1" >&2 || fail "$1 is another tree"
  for name in a.bin b.bin deep/c.bin other; do
    assert_equal "$(stat -c %Y "$1/$name")" "$(stat -c %Y "$tree/$name")" "time of $1/$name"
    assert_equal "$(stat -c %a "$1/$name" | cut -c 1)" "$(stat -c %a "$tree/$name" | cut -c 1)" "mode of $1/$name"
  done
}
serve_in_host 1 "$work/one"
wait_until 30 lists 2 "$work/two" other --from 10.77.0.1
wait_until 30 lists 2 "$work/two" tree/deep/c.bin --from 10.77.0.1
get() { in_host 2 "$P2PPEER" -C "$work/two" get --json "$@" --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"; }
# How many of the files that came were fetched, and how many were not.
moved() { grep '"event":"done"' "$work/get.out" | grep -cv '"fetched":0,' || true; }
copied() { grep '"event":"done"' "$work/get.out" | grep -c '"fetched":0,' || true; }

before=$(received 2)
get tree
came_once 2 "$before"
is_the_tree "$work/two/downloads/tree"
assert_equal "$(moved) $(copied)" "2 2" "files that were fetched and copied"
assert_equal "$(grep -c '"event":"start"' "$work/get.out")" 4 "files that were begun"
assert_equal "$(json_field "$work/get.out" summary files)" 4 "files in the summary"
assert_equal "$(json_field "$work/get.out" summary bytes)" $((size + other)) "bytes in the summary"

# A copy that takes long is told as that, with how far it is; here because the disk is slow.
rm -rf "$work/two"
mkdir "$work/two"
ASAN_OPTIONS=detect_leaks=0 in_host 2 strace -f -qq -o /dev/null -e trace=pwrite64 -e inject=pwrite64:delay_enter=10000 \
  "$P2PPEER" -C "$work/two" get --json tree --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"
is_the_tree "$work/two/downloads/tree"
grep -q "\"done\":$((32 << 20)),\"total\":$size,.*\"state\":\"copying\"" "$work/get.out" ||
  fail "no copy was told: $(grep '"event":"progress"' "$work/get.out" | tail -n 3)"

# Into another folder, where nothing of it stands yet.
rm -rf "$work/two"
mkdir "$work/two"
before=$(received 2)
get tree -o "$work/elsewhere"
came_once 2 "$before"
is_the_tree "$work/elsewhere/tree"

# The first cannot have its name: the next takes what came of it.
rm -rf "$work/two"
mkdir -p "$work/two/downloads/tree"
mkdir -p "$work/one/shared/tree/aa"
cp "$tree/a.bin" "$tree/aa/first.bin"
echo "in the way" >"$work/two/downloads/tree/aa"
wait_until 30 lists 2 "$work/two" first.bin --from 10.77.0.1
before=$(received 2)
assert_status 3 get tree
came_once 2 "$before"
for name in a.bin b.bin deep/c.bin; do assert_same "$tree/$name" "$work/two/downloads/tree/$name"; done
grep '"event":"failed"' "$work/get.out" | grep -qF tree/aa/first.bin || fail "nothing is said of the one that failed"
rm -r "$tree/aa"

# Killed when the first is there: the others are copied from it by the next run.
rm -rf "$work/two"
mkdir "$work/two"
lan_shape 1 200mbit
start_in_host 2 "$P2PPEER" -C "$work/two" get --json tree --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"
wait_until 60 grep -q '"event":"done".*\.bin' "$work/get.out"
kill -KILL "$started"
wait "$started" 2>/dev/null || true
lan_shape 1 1gbit
before=$(received 2)
get tree
((($(received 2) - before) < other * 2)) || fail "$(($(received 2) - before)) bytes came after the kill"
is_the_tree "$work/two/downloads/tree"

# push; what is copied costs the quota as much.
push() { in_host 1 "$P2PPEER" -C "$work/pusher" push --json "$tree" --to 10.77.0.3 >"$work/push.out" 2>"$work/push.log"; }
serve_in_host 3 "$work/three" --no-announce --accept-push=100M
assert_status 1 push
assert_contains "$work/push.out" quota
in_host 3 "$P2PPEER" -C "$work/three" stop
wait "$started"
serve_in_host 3 "$work/three" --no-announce --accept-push=125M
before=$(received 3)
assert_status 0 push
came_once 3 "$before"
is_the_tree "$work/three/downloads/tree"
assert_equal "$(json_field "$work/push.out" receiver moved)" $((size + other)) "bytes that moved"
assert_equal "$(json_field "$work/push.out" receiver bytes)" $((3 * size + other)) "bytes that the receiver has"

# The receiver began anew, with one of them.
in_host 3 "$P2PPEER" -C "$work/three" stop
wait "$started"
rm "$work/three/downloads/tree"/{a.bin,deep/c.bin}
serve_in_host 3 "$work/three" --no-announce --accept-push
offers_them() { in_host 3 "$P2PPEER" -C "$work/three" status --json | grep -F '"shared_files":2,'; }
wait_until 30 offers_them
assert_status 0 push
is_the_tree "$work/three/downloads/tree"
assert_equal "$(json_field "$work/push.out" receiver moved)" 0 "bytes that moved to one that has the content"
