#!/bin/bash
# SPDX-License-Identifier: MIT
# What a peer offers while it is still hashing is not all: a folder is fetched whole all the same, a name that comes late
# is waited for, and a list says that it may not be complete.
. "$(dirname "$0")/lib.sh"
lan_up 2
mkdir -p "$work/one/shared/tree" "$work/two"
echo early >"$work/one/shared/tree/early"
# All holes, and hours of hashing.
truncate -s 3T "$work/one/shared/large"
serve_in_host 1 "$work/one"
two() { in_host 2 "$P2PPEER" -C "$work/two" "$@" --from 10.77.0.1; }
wait_until 30 lists 2 "$work/two" tree/early --from 10.77.0.1

two list >"$work/list.out" 2>"$work/list.log"
assert_contains "$work/list.log" "10.77.0.1:12345 ("
assert_contains "$work/list.log" "is still hashing what it shares"
two list --json >"$work/list.out"
assert_contains "$work/list.out" '"event":"growing","peer":"10.77.0.1:12345"'
assert_status 4 two get no-such-name >"$work/none.out" 2>"$work/none.log"
assert_contains "$work/none.log" "is still hashing"

start_in_host 2 "$P2PPEER" -C "$work/two" get --json tree --from 10.77.0.1 >"$work/get.out" 2>"$work/get.log"
get=$started
wait_until 30 grep -F '"event":"done","path":"downloads/tree/early"' "$work/get.out"
wait_until 30 grep -F '"event":"growing"' "$work/get.out"
mkdir "$work/one/shared/tree/deep"
echo late >"$work/one/shared/tree/deep/late"
wait_until 30 grep -F '"event":"done","path":"downloads/tree/deep/late"' "$work/get.out"
kill -0 "$get" || fail "it has ended while more may come"
start_in_host 2 "$P2PPEER" -C "$work/two" get later -o "$work" --from 10.77.0.1 >"$work/later.out" 2>"$work/later.log"
later=$started
wait_until 30 grep -F "is still hashing" "$work/later.log"
echo "later than that" >"$work/one/shared/later"
wait "$later"
assert_same "$work/one/shared/later" "$work/later"

rm "$work/one/shared/large"
wait "$get"
diff -r "$work/one/shared/tree" "$work/two/downloads/tree" >&2 || fail "the folder is not whole"
assert_equal "$(json_field "$work/get.out" summary files)" 2 "files in the summary"
two list >"$work/list.out" 2>"$work/list.log"
assert_no_line "$work/list.log" "is still hashing"
