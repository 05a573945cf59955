#!/bin/bash
# SPDX-License-Identifier: MIT
# The wall clock is set an hour forward and two back while two peers are connected and a file is on its way: nobody
# expires, the file goes on and comes whole, rates and times stay sane, newcomers are found, and files that appear are
# seen (T50).
. "$(dirname "$0")/lib.sh"
need jq
lan_up 3
limit=500000
mkdir -p "$work"/{one,two,three}/shared
random_file "$work/one/shared/big.bin" 12000001
set_clock() { for home in one two; do echo "$1" >"$work/$home/wall_clock"; done; }
# clocked K HOME CMD...: the program on host K with the wall clock that HOME/wall_clock says.
clocked() { start_in_host "$1" env LD_PRELOAD="$LAB/wall_clock.so" WALL_CLOCK="$work/$2/wall_clock" "$P2PPEER" -C "$work/$2" "${@:3}"; }
peer() { in_host "$1" "$P2PPEER" -C "$work/$2" "${@:3}"; }
[[ -e $LAB/wall_clock.so ]] || fail "$LAB/wall_clock.so is not built"

set_clock 0
clocked 1 one serve --name first --limit $limit >"$work/one.log" 2>&1
clocked 2 two serve --name second >"$work/two.log" 2>&1
for k in "1 one" "2 two"; do
  # shellcheck disable=SC2086  # two words
  wait_until 30 peer $k status
done
wait_until 30 lists 2 "$work/two" big.bin
clocked 1 one peers --watch --json >"$work/seen-one.out" 2>"$work/seen.log"
clocked 2 two peers --watch --json >"$work/seen-two.out" 2>"$work/seen.log"
clocked 2 two list --watch --json >"$work/files.out" 2>"$work/seen.log"
for side in one two; do wait_until 30 grep -q '"peer_added"' "$work/seen-$side.out"; done
clocked 2 two get --json big.bin >"$work/get.out" 2>"$work/get.log"
get=$started
wait_until 60 fetched_some "$work/get.out"

# sane K HOME: what the peer says of itself; the limit is kept over seconds, not in each.
sane() {
  peer "$1" "$2" status --json | jq -e --argjson most $((4 * limit)) \
    -s '.[0] | .event == "status" and .uptime < 600 and .rate_in < $most and .rate_out < $most and .peers == 1' >/dev/null ||
    fail "after $shift s: $(peer "$1" "$2" status --json)"
}
more=$(json_field "$work/get.out" progress done)
for shift in 3600 -3600 0; do
  set_clock "$shift"
  # A file that appears now is seen; and the time that is noted of its download shows that the clock is set.
  echo "$shift" >"$work/one/shared/at $shift.txt"
  wait_until 30 grep -qF "\"file_added\",\"path\":\"at $shift.txt\"" "$work/files.out"
  assert_status 0 peer 2 two get -q "at $shift.txt"
  assert_equal "$(<"$work/two/downloads/at $shift.txt")" "$shift" "content"
  told=$(date -d "$(jq -r 'select(.path | endswith("/at '"$shift"'.txt")) | .time' "$work/two/.p2p/client.log")" +%s)
  off=$((told - $(date +%s) - shift))
  ((off > -600 && off < 600)) || fail "the clock was not set by $shift s: $off s off"
  # Forward with the file, and both see each other.
  more=$((more + 500000))
  wait_until 60 fetched_some "$work/get.out" "$more"
  sane 1 one
  sane 2 two
  eta=$(json_field "$work/get.out" progress eta)
  [[ $eta == null ]] || ((eta < 600)) || fail "after $shift s: $eta s are left"
done

# Announcements: a newcomer is found after a jump, by both.
set_clock 7200
serve_in_host 3 "$work/three" --name third
for side in one two; do wait_until 60 grep -q '"peer_added",.*"name":"third"' "$work/seen-$side.out"; done
set_clock -7200
assert_status 0 wait "$get"
assert_same "$work/one/shared/big.bin" "$work/two/downloads/big.bin"
for side in one two; do ! grep '"peer_removed"' "$work/seen-$side.out" >&2 || fail "a peer expired"; done
! grep '"file_removed"' "$work/files.out" >&2 || fail "files expired"
seconds=$(json_field "$work/get.out" done seconds)
((${seconds%.*} < 600)) || fail "the download took $seconds s"
