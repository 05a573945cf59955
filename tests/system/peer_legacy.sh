#!/bin/bash
# SPDX-License-Identifier: MIT
# The dialect of older programs, in both directions, with Python's own pickle at the other end.
. "$(dirname "$0")/lib.sh"
need jq
older=$root/tests/system/legacy_peer.py
[[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
lan_up 3
mkdir -p "$work"/one/shared/b "$work"/one/downloads "$work"/two/shared "$work"/old "$work"/text
one=$work/one two=$work/two
echo "a text" >"$one/shared/a.txt"
random_file "$one/shared/b/big.bin" 3000001
: >"$one/shared/b/zero"
random_file "$one/shared/b/.hidden" 1000
random_file "$one/downloads/fetched" 1000
serve_in_host 1 "$one" --legacy
serving=$started
assert_contains "$work/one.log" "older programs are sent what is in shared/, up to 16 MiB"
lan_address 1 >"$two/peers.txt"
serve_in_host 2 "$two"
wait_until 30 lists 2 "$two" big.bin
wait_until 30 lists 2 "$two" b/zero
python() { in_host 2 /usr/bin/python3 "$older" "$@"; }

# --- as a server ---
mkdir "$work/got"
assert_equal "$(python get "$(lan_address 1)" "$work/got")" "$(lan_address 2)" "peers told of"
assert_same "$one/shared/a.txt" "$work/got/0"
assert_same "$one/shared/b/big.bin" "$work/got/1"
assert_same "$one/shared/b/zero" "$work/got/2"
assert_equal "$(find "$work/got" -type f | wc -l)" 3 "files sent"
taken() { [[ $(jq -r 'select(.result == "whole") | "\(.path) \(.bytes)"' "$one/.p2p/server.log" | sort) == $'a.txt 7\nb/big.bin 3000001' ]]; }
wait_until 20 taken
python refused "$(lan_address 1)" q
python refused "$(lan_address 1)" rubbish
# Those that read nothing cost no memory, and others are served meanwhile (T18), also when one address has all places (T17).
start_in_host 3 /usr/bin/python3 "$older" hold "$(lan_address 1)" 8 >"$work/hold.out"
places_of_3() { in_host 1 ss -Htn state established "sport = :12345 and dst = $(lan_address 3)" | wc -l; }
has_all_places() { (($(places_of_3) == 8)); }
wait_until 30 has_all_places
wait_until 30 grep holding "$work/hold.out"
python get "$(lan_address 1)" "$work/got" >"$work/got.out"
gives_up_a_place() { (($(places_of_3) < 8)); }
wait_until 30 gives_up_a_place
# Half a request is waited for, but not for ever (T16).
python refused "$(lan_address 1)" re
stop_and_wait "$started"

# Who was not told to speak it sends the list and closes.
python refused "$(lan_address 2)"
get() { in_host 1 "$P2PPEER" -C "$one" get --legacy "$@" >"$work/get.out" 2>"$work/get.log"; }
assert_status 4 get "$(lan_address 2)"
assert_contains "$work/get.log" "it closed the connection without sending files"
assert_status 5 get "$(lan_address 2):5001"
assert_contains "$work/get.log" "p2ppeer: $(lan_address 2):5001: Connection refused"

# Our own client and server understand each other.
assert_status 0 in_host 2 "$P2PPEER" -C "$two" get -q --legacy "$(lan_address 1)"
name=legacy-$(lan_address 1 | tr . -)
assert_same "$one/shared/b/big.bin" "$two/downloads/$name-002"
assert_same "$one/shared/b/zero" "$two/downloads/$name-003"

# More than is sent: told once, and an orderly close.
random_file "$one/shared/c.bin" $((16 << 20))
wait_until 60 lists 2 "$two" c.bin
python refused "$(lan_address 1)"
assert_contains "$work/one.log" "is sent no files: what is in shared/ is more than 16 MiB or 65536 files"
assert_status 4 in_host 2 "$P2PPEER" -C "$two" get -q --legacy "$(lan_address 1)" 2>"$work/get.log"

# --- as a client ---
random_file "$work/old/1" 300000
printf 'a\n' >"$work/old/2"
printf 'a\n' >"$work/old/3"
: >"$work/old/4"
printf 'h\xc3\xa9 \\u0041 \xf0\x9f\x98\x80\n' >"$work/text/1"
cp "$work/old/2" "$work/old/4" "$work/text/"
# serves MODE [FOLDER]
serves() {
  start_in_host 2 /usr/bin/python3 "$older" serve 5000 "$1" "${2:-$work/old}" "$work/ran" >"$work/old.out" 2>"$work/old.log"
  wait_until 30 grep ready "$work/old.out"
}
from=$(lan_address 2):5000
name=legacy-$(lan_address 2 | tr . -)
# has FOLDER WANT: FOLDER has exactly the files of WANT, in their order.
has() {
  local file n=0
  for file in "$2"/*; do
    n=$((n + 1))
    assert_same "$file" "$1/$name-00$n"
  done
  assert_equal "$(find "$1" -name "$name-*" | wc -l)" "$n" "files in $1"
}
for mode in 3 4 5 str0 str1 str2 str3 str4 str5; do
  want=$work/old
  [[ $mode != str* ]] || want=$work/text
  serves "$mode" "$want"
  get "$from" -q -o "$work/out-$mode" || fail "$mode: $(<"$work/get.log")"
  has "$work/out-$mode" "$want"
  assert_equal "$(cat "$work/get.out" "$work/get.log")" "" "output of -q"
  stop_and_wait "$started"
done

# Into downloads/, where it is offered on; twice is once; other contents get other names (T26).
serves 4
get "$from" -v
assert_contains "$work/get.out" "downloads/$name-001  293 KiB in "
assert_contains "$work/get.log" "$from sent 4 files, and told of 1 peers"
has "$one/downloads" "$work/old"
wait_until 30 lists 2 "$two" "$name-001"
get "$from" --json
assert_equal "$(jq -r 'select(.event == "done") | .already_there' "$work/get.out" | sort | uniq -c | tr -s ' ')" " 4 true"
assert_equal "$(jq -c 'select(.event == "summary") | [.exit, .files, .failed, .peers, .bytes]' "$work/get.out")" "[0,4,0,1,300004]"
random_file "$work/old/1" 1000
get "$from"
assert_same "$work/old/1" "$one/downloads/$name-001 (2)"
assert_equal "$(jq -r 'select(.result != "already_there") | .sources[0].peer' "$one/.p2p/client.log" | sort -u)" "$from"
assert_equal "$(jq -r .path "$one/.p2p/client.log" | grep -cF "downloads/$name-001 (2)")" 1 "lines of client.log"
stop_and_wait "$started"

# What it must not take (T13): nothing is run, nothing is written, and the reason is named.
find "$one/downloads" | sort >"$work/before"
refuses() {
  serves "$1"
  assert_status 1 get "$from"
  assert_contains "$work/get.log" "$from: $2"
  stop_and_wait "$started"
  [[ ! -e $work/ran ]] || fail "$1: code was run"
}
refuses code0 "its list of files is refused: it has the opcode GLOBAL (0x63); only lists, bytes and str are read"
refuses code2 "its list of files is refused: it has the opcode GLOBAL (0x63)"
refuses code4 "its list of files is refused: it has the opcode STACK_GLOBAL (0x93)"
refuses 2 "its list of files is refused: it has the opcode GLOBAL (0x63)"
refuses nested "its list of files is refused: the opcode EMPTY_LIST (0x5d) is not where a list of bytes and str has it"
refuses cut "it closed the connection in the middle of its list of files"
refuses length "its list of files is refused: its contents are more than 16 MiB"
refuses endless "its list of files is refused: "
serves none
assert_status 4 get "$from"
assert_contains "$work/get.log" "it shares no file"
stop_and_wait "$started"
# One that trickles, and one that says nothing.
serves slow
server=$started
start_in_host 1 "$P2PPEER" -C "$one" get --legacy "$from" >"$work/get.out" 2>"$work/get.log"
get=$started
connected() { in_host 2 ss -Htn "sport = :5000" | grep -q ESTAB; }
wait_until 30 connected
stop_and_wait "$get" HUP
assert_equal "$stopped_status" 1
stop_and_wait "$server"
serves silent
assert_status 1 get "$from"
assert_contains "$work/get.log" "nothing came from it for 30 seconds"
cmp "$work/before" <(find "$one/downloads" | sort) || fail "something was written"

assert_status 2 in_host 1 "$P2PPEER" -C "$one" get --legacy "$from" name 2>"$work/get.log"
echo "get --legacy $from" | assert_status 2 in_host 1 "$P2PPEER" -C "$one" shell 2>"$work/get.log"
assert_contains "$work/get.log" "--legacy: not in the shell"
kill -0 "$serving" || fail "the serving peer is gone"
most=$((96 * 1024))
[[ ${BIN-} != *asan* ]] || most=$((1200 * 1024))
peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$serving/status")
((peak < most)) || fail "the peer took $peak KiB"
