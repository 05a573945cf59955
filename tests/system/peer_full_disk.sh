#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk without room for the file, known beforehand or found out in the middle: the message says so, nothing is lost, and
# with more room the download goes on (T31, T47).
. "$(dirname "$0")/lib.sh"
need strace
lan_up 2
home=$work/small
mkdir -p "$work/one/shared" "$home"
mount -t tmpfs -o size=8m p2ptest "$home" || skip "no tmpfs can be mounted here"
random_file "$work/one/shared/big.bin" 16000001
random_file "$work/one/shared/little.bin" 100001
lan_address 1 >"$home/peers.txt"
serve_in_host 1 "$work/one"
wait_until 30 lists 2 "$home" big.bin

# It is known beforehand: nothing is fetched, and a file that has room still comes.
assert_status 3 in_host 2 "$P2PPEER" -C "$home" get --json big.bin little.bin >"$work/get.out" 2>"$work/get.log"
assert_match "$(json_field "$work/get.out" failed error)" "not enough space: [0-9]+ MiB are needed and [0-9]+ MiB are free"
assert_same "$work/one/shared/little.bin" "$home/downloads/little.bin"
assert_equal "$(json_field "$work/get.out" summary bytes)" 100001 "bytes fetched"
assert_status 1 in_host 2 "$P2PPEER" -C "$home" get big.bin >"$work/get.out" 2>"$work/get.log"
cat "$work/get.out" "$work/get.log" >"$work/said"
assert_contains "$work/said" "not enough space"

# On a file system that cannot reserve space, another file takes it meanwhile.
mount -o remount,size=24m "$home"
lan_shape 2 4mbit
ASAN_OPTIONS=detect_leaks=0 start_in_host 2 strace -f -qq -o /dev/null -e trace=fallocate \
  -e inject=fallocate:error=EOPNOTSUPP "$P2PPEER" -C "$home" get --json big.bin >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out" 1000000
head -c 30m /dev/zero >"$home/filler" 2>/dev/null && fail "the file system did not fill up"
lan_shape 2 1gbit
# It waits, says why, and can be stopped.
wait_until 60 grep -q '"event":"paused"' "$work/get.out"
assert_match "$(json_field "$work/get.out" paused error)" "is full: [0-9]+ MiB more are needed and 0 MiB are free"
kill -INT "$(pgrep -P "$started")"
assert_status 1 wait "$started"
[[ ! -e $home/downloads/big.bin ]] || fail "an incomplete file has its name"
got=$(json_field "$work/get.out" progress done)

# Nothing has changed about that: the same message, and still nothing lost.
assert_status 1 in_host 2 "$P2PPEER" -C "$home" get --json big.bin >"$work/get.out" 2>"$work/get.log"
assert_match "$(json_field "$work/get.out" failed error)" "not enough space"

mount -o remount,size=64m "$home"
in_host 2 "$P2PPEER" -C "$home" get --json big.bin >"$work/get.out" 2>"$work/get.log"
assert_same "$work/one/shared/big.bin" "$home/downloads/big.bin"
fetched=$(json_field "$work/get.out" done fetched)
((fetched > 0 && fetched <= 16000001 - got)) || fail "$fetched bytes were fetched again; $got were there already"

# Space that was reserved at the start stays there when another file fills the rest.
rm "$home/filler"
mount -o remount,size=36m "$home"
random_file "$work/one/shared/late.bin" 8000001
wait_until 30 lists 2 "$home" late.bin
lan_shape 2 4mbit
start_in_host 2 "$P2PPEER" -C "$home" get --json late.bin >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out" 1000000
head -c 40m /dev/zero >"$home/filler" 2>/dev/null && fail "the file system did not fill up"
lan_shape 2 1gbit
assert_status 0 wait "$started"
assert_same "$work/one/shared/late.bin" "$home/downloads/late.bin"

# One that waits for room goes on by itself when there is some.
rm "$home/filler"
mount -o remount,size=64m "$home"
random_file "$work/one/shared/third.bin" 16000001
wait_until 30 lists 2 "$home" third.bin
lan_shape 2 4mbit
ASAN_OPTIONS=detect_leaks=0 start_in_host 2 strace -f -qq -o /dev/null -e trace=fallocate \
  -e inject=fallocate:error=EOPNOTSUPP "$P2PPEER" -C "$home" get --json third.bin >"$work/get.out" 2>"$work/get.log"
wait_until 60 fetched_some "$work/get.out" 1000000
head -c 70m /dev/zero >"$home/filler" 2>/dev/null && fail "the file system did not fill up"
lan_shape 2 1gbit
wait_until 60 grep -q '"event":"paused"' "$work/get.out"
rm "$home/filler"
assert_status 0 wait "$started"
assert_same "$work/one/shared/third.bin" "$home/downloads/third.bin"

# A receiver of a push waits in the same way, the pusher is told, and it goes on.
rm -r "$home"/downloads/*
mount -o remount,size=24m "$home"
random_file "$work/pushed.bin" 16000001
ASAN_OPTIONS=detect_leaks=0 start_in_host 2 strace -f -qq -o /dev/null -e trace=fallocate \
  -e inject=fallocate:error=EOPNOTSUPP "$P2PPEER" -C "$home" serve --accept-push --no-announce >"$work/receiver.log" 2>&1
wait_until 30 in_host 2 "$P2PPEER" -C "$home" status
lan_shape 2 4mbit
start_in_host 1 "$P2PPEER" -C "$work/pusher" push --json "$work/pushed.bin" --to 10.77.0.2 >"$work/push.out" 2>"$work/push.log"
pusher=$started
receiver_has() { (($(json_field "$work/push.out" receiver_progress done) >= 1000000)); }
wait_until 60 receiver_has
head -c 30m /dev/zero >"$home/filler" 2>/dev/null && fail "the file system did not fill up"
lan_shape 2 1gbit
wait_until 60 grep -q '"event":"receiver_progress".*"state":"paused"' "$work/push.out"
rm "$home/filler"
assert_status 0 wait "$pusher"
assert_same "$work/pushed.bin" "$home/downloads/pushed.bin"
# Where it has no room from the start it refuses, and says why.
assert_status 1 in_host 1 "$P2PPEER" -C "$work/pusher" push --json "$work/one/shared/third.bin" --to 10.77.0.2 >"$work/push.out" 2>"$work/push.log"
assert_equal "$(json_field "$work/push.out" receiver state)" refused "state of the receiver without room"
assert_equal "$(json_field "$work/push.out" receiver error)" "its disk has no room for it" "why it refuses"
