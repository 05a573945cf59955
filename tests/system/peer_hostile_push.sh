#!/bin/bash
# SPDX-License-Identifier: MIT
# Who pushes sends no bytes but names: thousands of folders and empty files, deep ones, a file and a folder of one
# name (T23, T31). The receiver bears it, charges it to the quota, and takes the next push as ever.
. "$(dirname "$0")/lib.sh"
hostile=$root/tests/system/hostile_peer.py
[[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
lan_up 3
mkdir -p "$work/one" "$work/three"
random_file "$work/three/honest.bin" 3000001
serve_in_host 1 "$work/one" --accept-push=40M
serving=$started
in_host 2 /usr/bin/python3 "$hostile" attack folders 10.77.0.1 >"$work/attack.log" 2>&1 || fail "the attack: $(<"$work/attack.log")"
kill -0 "$serving" || fail "the peer is gone"
downloads=$work/one/downloads
assert_equal "$(find "$downloads" -path "$downloads/1[0-9][0-9]/n*" | wc -l)" 5600 "names that were pushed"
[[ -d $downloads/name && -f $downloads/other && -f "$downloads/name (2)" ]] || fail "a file and a folder of one name"
assert_equal "$(find "$work/one" -mindepth 1 -maxdepth 1 | wc -l)" 3 "what is in the home"
push() { in_host 3 "$P2PPEER" -C "$work/three" push --json "$1" --to 10.77.0.1 >"$work/push.out" 2>"$work/push.log"; }
assert_status 0 push "$work/three/honest.bin"
assert_same "$work/three/honest.bin" "$downloads/honest.bin"
# 5600 names have cost 22 of the 40 MiB.
random_file "$work/three/large.bin" $((24 << 20))
assert_status 1 push "$work/three/large.bin"
assert_contains "$work/push.out" quota
in_host 1 "$P2PPEER" -C "$work/one" stop
assert_status 0 wait "$serving"
