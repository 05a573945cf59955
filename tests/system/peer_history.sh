#!/bin/bash
# SPDX-License-Identifier: MIT
# What a peer fetches and gives is told while it runs, by status, and afterwards, by the logs and history; names that
# would do something to a terminal do nothing (T45).
. "$(dirname "$0")/lib.sh"
need jq
lan_up 2
mkdir -p "$work"/{one,two}/shared
random_file "$work/one/shared/big.bin" 12000001
random_file "$work/one/shared/small.bin" 1000
serve_in_host 1 "$work/one" --name $'ann\e[2J'
lan_address 1 >"$work/two/peers.txt"
serve_two() {
  serve_in_host 2 "$work/two" --limit 100M
  serving_two=$started
}
serve_two
wait_until 30 lists 2 "$work/two" big.bin
wait_until 30 lists 2 "$work/two" small.bin
one() { in_host 1 "$P2PPEER" -C "$work/one" "$@"; }
two() { in_host 2 "$P2PPEER" -C "$work/two" "$@"; }
events() { jq -c "select(.event == \"$1\")"; }

# Only reads, also where nothing was transferred and where no peer ever was.
assert_equal "$(two history --json)" ""
two history 2>"$work/nothing.log"
assert_contains "$work/nothing.log" "p2ppeer: nothing was fetched into $work/two or taken from it yet"
mkdir "$work/empty"
"$P2PPEER" -C "$work/empty" history 2>"$work/nothing.log"
assert_equal "$(ls -A "$work/empty")" ""
assert_status 1 "$P2PPEER" -C "$work/nowhere" history 2>"$work/nowhere.log"
[[ ! -e $work/nowhere ]] || fail "history has made a folder"

# While it runs.
lan_shape 1 8mbit
start_in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin >"$work/get.out" 2>"$work/get.log"
get=$started
wait_until 60 fetched_some "$work/get.out"
fetches() { [[ $(two status --json | events fetching | jq -r '"\(.path) \(.total) \(.sources[0].name)"') == $'downloads/big.bin 12000001 ann\e[2J' ]]; }
sends() { [[ $(one status --json | events sending | jq -r '"\(.path) \(.size) \(.bytes > 0)"') == "big.bin 12000001 true" ]]; }
wait_until 30 fetches
wait_until 30 sends
assert_equal "$(two status --json | events status | jq .limit)" $((100 << 20))
moves() { (($(two status --json | events status | jq .rate_in) > 0)); }
wait_until 30 moves
two status >"$work/status.out"
assert_match "$(<"$work/status.out")" 'FETCHING +DONE.*downloads/big.bin +[0-9]+%.* ann\\x1b\[2J'
one status >"$work/status.out"
assert_match "$(<"$work/status.out")" 'SENDING +TO.*big.bin '

# One is stopped, one comes whole, one is there already, one cannot be had.
# Without its command it goes on, but not without the peer.
kill -INT "$get"
assert_status 130 wait "$get"
assert_contains "$work/get.log" "the running peer goes on with the download; to see how far it is: p2ppeer -C $work/two status"
fetches || fail "a download ended with its command"
two stop
wait "$serving_two"
serve_two
lan_shape 1 1gbit
two get -q big.bin
two get -q small.bin
two get -q small.bin
client=$work/two/.p2p/client.log server=$work/one/.p2p/server.log
assert_equal "$(stat -c %a "$client")" 600
outcomes() { jq -r '"\(.event) \(.path) \(.size) \(.result)"' "$1"; }
assert_equal "$(outcomes "$client")" "download downloads/big.bin 12000001 cancelled
download downloads/big.bin 12000001 done
download downloads/small.bin 1000 done
download downloads/small.bin 1000 already_there"
assert_equal "$(jq -s '[.[] | select(.path == "downloads/big.bin") | .bytes] | add' "$client")" 12000001 "bytes fetched"
assert_equal "$(jq -s '[.[].sources[].bytes] | add' "$client")" 12001001 "bytes of all sources"
assert_equal "$(jq -r 'select(.result == "done") | .sources[0].peer' "$client" | sort -u)" "$(lan_address 1):12345"
served() { [[ $(outcomes "$server" | grep -c -e "big.bin" -e "small.bin 1000 whole") -ge 3 ]]; }
wait_until 40 served
(($(jq -s '[.[] | select(.path == "big.bin") | .bytes] | add' "$server") >= 12000001)) || fail "too few bytes are recorded"
date -d "$(jq -r .time "$client" | tail -n 1)" >/dev/null || fail "the time cannot be read"

# history is both, in lines that fit.
cmp <(two history --json | jq -c 'select(.event == "download")') <(jq -c . "$client")
one history >"$work/history.out"
assert_match "$(tail -n 1 "$work/history.out")" '^20..-..-.. ..:..:..  sent  small.bin  +1000 B .*  whole$'
assert_no_line "$work/history.out" $'\e'
assert_no_line "$client" $'\e'

# Half a line, as a crash may leave it, and rubbish are passed over; what follows is good.
printf '{"event":"download","time":"2026' >>"$client"
assert_equal "$(two history --json | events download | wc -l)" 4

# A log that has grown is put aside.
head -c $((4 << 20)) /dev/zero | tr '\0' x >>"$client"
two get -q small.bin
assert_equal "$(outcomes "$client")" "download downloads/small.bin 1000 already_there"
[[ -s $client.1 ]] || fail "no log was put aside"
assert_equal "$(two history --json | events download | wc -l)" 5
