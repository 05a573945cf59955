#!/bin/bash
# SPDX-License-Identifier: MIT
# The control socket as p2p-protocol(7) describes it: every operation, spoken to by another program; who may (T44); and
# INIT_PEER_TABLE, which `peers --refresh` asks for: the peer list, the introducer and what was given up are looked at
# at once.
. "$(dirname "$0")/lib.sh"
need python3 setpriv
lan_up 3
mkdir -p "$work"/{one,two,three}/shared "$work/dns"
random_file "$work/two/shared/a film.mkv" 300001
random_file "$work/pushed.bin" 100001
socket=$work/one/.p2p/control.sock
serve_in_host 1 "$work/one" --name first --no-announce
one=$started
say() { python3 "$root/tests/system/control_client.py" "$socket" "$@" >"$work/said"; }
answered() { assert_equal "$(head -n 1 "$work/said")" "$1" "answer"; }
has() { grep -qE -e "$1" "$work/said" || fail "no '$1' in: $(<"$work/said")"; }

# Only this user and root.
assert_equal "$(stat -c '%F %a' "$socket")" "socket 600" "type and mode"
# Even one that could reach it is told nothing; the folders above are closed to others, so from the current one.
chmod 666 "$socket"
as_nobody() { (cd "$work/one/.p2p" && setpriv --reuid 65534 --regid 65534 --clear-groups python3 - control.sock --connect <"$root/tests/system/control_client.py"); }
assert_equal "$(as_nobody)" "b''" "what another user is told"
chmod 600 "$socket"

# Nobody is known. Then the peer list tells of one: it is there without a restart.
say PEERS LIST_ALL_FILES
answered "503 NO PEER REACHABLE"
serve_in_host 2 "$work/two" --name second --accept-push
two=$started
say PEERS
answered "503 NO PEER REACHABLE"
lan_address 2 >"$work/one/peers.txt"
say INIT_PEER_TABLE
answered "200 OK"
has '^\{"event":"peer","endpoint":"10\.77\.0\.2:12345","name":"second",.*"state":"connected"'
has '^\{"event":"summary","exit":0,'

# Every other operation.
listed() { say LIST_ALL_FILES && grep -q '"event":"file","path":"a film.mkv"' "$work/said"; }
wait_until 30 listed
answered "200 OK"
say "SEARCH FILM"
answered "200 OK"
has '"path":"a film.mkv"'
say "SEARCH nothing%20of%20that"
answered "404 NOT FOUND"
say "DOWNLOAD a%20film.mkv"
answered "200 OK"
has '"event":"done","path":"downloads/a film.mkv"'
assert_same "$work/two/shared/a film.mkv" "$work/one/downloads/a film.mkv"
say "DOWNLOAD --folder=$work/out --name=film -- a%20film.mkv"
assert_same "$work/two/shared/a film.mkv" "$work/out/film"
say "UPLOAD --to=10.77.0.2 -- $work/pushed.bin"
answered "200 OK"
has '"event":"receiver","peer":"10\.77\.0\.2:12345"'
assert_same "$work/pushed.bin" "$work/two/downloads/pushed.bin"
say STATUS
answered "200 OK"
has '^\{"event":"status","name":"first",.*"peers":1,'
say WATCH CANCEL STATUS
answered "200 OK"
has '"event":"status"'
say "WATCH files film" ... CANCEL STATUS
answered "200 OK"
has '"event":"file_added","path":"a film.mkv"'
say "WATCH peers" ... CANCEL STATUS
answered "200 OK"
has '"event":"peer_added",.*"name":"second"'
# What is no operation, and what lacks something.
for bad in SEARCH DOWNLOAD UPLOAD "UPLOAD --to=all" "UPLOAD --to=all relative" "UPLOAD $work/pushed.bin" "WATCH what" "lower"; do
  say "$bad" STATUS
  answered "422 MALFORMED"
done
say NOTHING STATUS
answered "404 OPERATION UNKNOWN"

# For the user; what was given up is tried at once. A peer that is gone is told so.
stop_and_wait "$two"
refresh() { in_host 1 "$P2PPEER" -C "$work/one" peers --refresh --json >"$work/refreshed" 2>"$work/refreshed.err"; }
assert_status 5 refresh
assert_contains "$work/refreshed" '"endpoint":"10.77.0.2:12345","name":"","node":"","state":"unreachable"'
for _ in 1 2 3; do assert_status 5 refresh; done
serve_in_host 2 "$work/two" --name second
started_two=$started
assert_status 0 refresh
assert_contains "$work/refreshed" '"name":"second"'
say STOP
answered "200 OK"
assert_status 0 wait "$one"

# The introducer: who joins after us is known when we ask, not a minute later.
start_in_host 3 "$P2PDNS" -C "$work/dns" >"$work/dns.log" 2>&1
wait_until 30 listening 3 7494
rm "$work/one/peers.txt"
stop_and_wait "$started_two"
serve_in_host 2 "$work/fresh" --name fresh --no-announce
serve_in_host 1 "$work/one" --no-announce --introducer 10.77.0.3
registered() { python3 "$root/tests/system/introducer_client.py" 10.77.0.3 say "JOIN probe 0.0.0.0 4000 9" | grep -q "$1"; }
wait_until 30 in_host 3 bash -c "$(declare -f registered); root='$root'; registered 10.77.0.1"
in_host 2 python3 "$root/tests/system/introducer_client.py" 10.77.0.3 say "JOIN fresh 10.77.0.2" >"$work/joined"
assert_match "$(<"$work/joined")" '^200 OK'
assert_status 0 refresh
assert_contains "$work/refreshed" '"name":"fresh"'

# Without a peer that serves it is a question like any other.
assert_status 0 in_host 3 "$P2PPEER" -C "$work/three" peers --refresh --from 10.77.0.2 >"$work/own" 2>&1
