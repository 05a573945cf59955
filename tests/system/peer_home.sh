#!/bin/bash
# SPDX-License-Identifier: MIT
# What a command makes in its home: one that only asks nothing, get what it needs, serve all. -o makes a folder in one that
# is there, and no others.
. "$(dirname "$0")/lib.sh"
lan_up 2
mkdir -p "$work/one/shared/tree" "$work/empty" "$work/pushed"
random_file "$work/one/shared/tree/a.bin" 300001
random_file "$work/one/shared/tree/b.bin" 1001
random_file "$work/pushed/c.bin" 300002
serve_in_host 1 "$work/one" --accept-push
cd "$work/empty"
lists_it() { in_host 2 "$P2PPEER" list --json | grep -F tree/a.bin; }
wait_until 30 lists_it
# run STATUS COMMAND...: in the current folder, on host 2.
run() {
  local want=$1
  shift
  assert_status "$want" in_host 2 "$P2PPEER" "$@" >"$work/run.out" 2>"$work/run.log"
}
is_empty() { assert_equal "$(ls -A "$work/empty")" "" "what '$1' left in the current folder"; }

for from in "" "--from 10.77.0.1"; do
  for command in list "list --json" "search a.bin" peers "peers --refresh"; do
    # shellcheck disable=SC2086  # several words
    run 0 $command $from
    is_empty "$command $from"
  done
done
run 0 history
run 1 status
run 1 stop
is_empty "status, history, stop"
start_in_host 2 "$P2PPEER" list --watch --json >"$work/watch.out" 2>"$work/watch.log"
wait_until 30 grep -qF tree/a.bin "$work/watch.out"
stop_and_wait "$started"
is_empty "list --watch"
run 0 -C "$work/not/there" list
assert_contains "$work/run.out" tree/a.bin
[[ ! -e $work/not ]] || fail "list has made its home"
run 0 push "$work/pushed/c.bin" --to 10.77.0.1
assert_same "$work/pushed/c.bin" "$work/one/downloads/c.bin"
is_empty push
# Where nothing can be made it works all the same.
mkdir "$work/read-only"
mount -t tmpfs -o ro none "$work/read-only"
run 0 -C "$work/read-only" search b.bin
assert_contains "$work/run.out" tree/b.bin
umount "$work/read-only"

# A peer list that is there is used, and kept up; one that is not is not made.
mkdir "$work/with-list"
echo 10.77.0.1 >"$work/with-list/peers.txt"
run 0 -C "$work/with-list" list --no-announce --peers "$work/with-list/peers.txt"
run 0 -C "$work/with-list" peers --no-announce
assert_contains "$work/run.out" 10.77.0.1
assert_equal "$(ls -A "$work/with-list")" peers.txt "what is left beside the peer list"

# -o: what is missing above it is named, and nothing is made.
for output in "$work/missing/a.bin" "$work/missing/deep/" missing/deep/ missing/a.bin; do
  run 2 get a.bin -o "$output"
  assert_contains "$work/run.log" "there is no folder '"
  assert_contains "$work/run.log" "missing'; make it first"
  is_empty "get -o $output"
done
run 2 get --legacy 10.77.0.1 -o missing/deep/
is_empty "get --legacy -o"
[[ ! -e $work/missing ]] || fail "a folder above -o was made"

# get makes what it needs.
is_there() { assert_equal "$(find . -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" "$1" "what is in the home"; }
run 0 get a.bin -o "$work/made/" --from 10.77.0.1
assert_same "$work/one/shared/tree/a.bin" "$work/made/a.bin"
is_there .p2p
run 0 get tree -o tree --from 10.77.0.1
assert_same "$work/one/shared/tree/b.bin" tree/tree/b.bin
run 0 get b.bin -o b.bin --from 10.77.0.1
is_there ".p2p b.bin tree"
run 0 get a.bin --from 10.77.0.1
is_there ".p2p b.bin downloads tree"
assert_same "$work/one/shared/tree/a.bin" downloads/a.bin
run 0 get b.bin
is_there ".p2p b.bin downloads peers.txt tree"
# What a push was, and the hashes of what is pushed, are kept where there is a .p2p.
random_file "$work/pushed/d.bin" 300003
run 0 push "$work/pushed/d.bin" --to 10.77.0.1
run 0 history
assert_contains "$work/run.out" d.bin
serve_in_host 2 "$work/empty"
[[ -d shared ]] || fail "serve has not made shared/"
