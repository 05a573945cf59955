#!/bin/bash
# SPDX-License-Identifier: MIT
# Two peers fetch from each other at the same time, over one connection.
. "$(dirname "$0")/lib.sh"
need ss
lan_up 2
mkdir -p "$work"/{one,two}/shared
random_file "$work/one/shared/from-one.bin" 12000001
random_file "$work/two/shared/from-two.bin" 11000003
# Each knows the other, so both dial.
lan_address 2 >"$work/one/peers.txt"
lan_address 1 >"$work/two/peers.txt"
serve_in_host 1 "$work/one"
serve_in_host 2 "$work/two"

connections() { in_host 1 ss -Htn state established "dst $(lan_address 2)" | wc -l; }
is_one() { (($(connections) == 1)); }
wait_until 30 lists 1 "$work/one" from-two.bin
wait_until 30 lists 2 "$work/two" from-one.bin
wait_until 30 is_one

# The link is so slow that neither can end before both were seen under way.
lan_shape 1 4mbit
start_in_host 1 "$P2PPEER" -C "$work/one" get --json from-two.bin >"$work/one.out" 2>"$work/get-one.log"
first=$started
start_in_host 2 "$P2PPEER" -C "$work/two" get --json from-one.bin >"$work/two.out" 2>"$work/get-two.log"
second=$started
for _ in 1 2 3; do
  wait_until 60 fetched_some "$work/one.out" $(($(json_field "$work/one.out" progress done) + 1))
  wait_until 60 fetched_some "$work/two.out" $(($(json_field "$work/two.out" progress done) + 1))
  assert_equal "$(connections)" 1 "connections between the two"
done
assert_no_line "$work/one.out" '"event":"done"'
assert_no_line "$work/two.out" '"event":"done"'
lan_shape 1 1gbit
assert_status 0 wait "$first"
assert_status 0 wait "$second"
assert_equal "$(connections)" 1 "connections in the end"
assert_same "$work/one/shared/from-one.bin" "$work/two/downloads/from-one.bin"
assert_same "$work/two/shared/from-two.bin" "$work/one/downloads/from-two.bin"
