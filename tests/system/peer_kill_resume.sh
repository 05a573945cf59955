#!/bin/bash
# SPDX-License-Identifier: MIT
# The fetching process is killed again and again, at random moments: each run goes on where the last one was stopped, and
# the file is whole in the end (T46). KILLS (10) is how often.
. "$(dirname "$0")/lib.sh"
size=32000001
kills=${KILLS:-10}
lan_up 2
mkdir -p "$work/one/shared" "$work/two"
random_file "$work/one/shared/big.bin" $size
lan_address 1 >"$work/two/peers.txt"
serve_in_host 1 "$work/one"
wait_until 30 lists 2 "$work/two" big.bin

got=0  # Verified bytes that the last killed run told of.
for ((kill = 1; kill <= kills; kill++)); do
  # Every run but the last may be killed before it has told anything; slow enough that none ends by itself.
  lan_shape 2 8mbit
  start_in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin >"$work/get.out" 2>"$work/get.log"
  if ((kill < kills)); then
    sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
    # Bursts now and then, so that the kills meet writes and checkpoints too.
    if ((RANDOM % 2)); then lan_shape 2 100mbit 30mbit; fi
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
  else
    wait_until 60 fetched_some "$work/get.out" $((got + 1))
  fi
  kill -KILL "$started"
  wait "$started" 2>/dev/null || true
  assert_no_line "$work/get.out" '"event":"done"'
  [[ ! -e $work/two/downloads/big.bin ]] || fail "an incomplete file has its name"
  got=$(json_field "$work/get.out" progress done)
  got=${got:-0}
done

lan_shape 2 1gbit
in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin >"$work/get.out" 2>"$work/get.log"
assert_same "$work/one/shared/big.bin" "$work/two/downloads/big.bin"
fetched=$(json_field "$work/get.out" done fetched)
((fetched > 0 && fetched <= size - got)) || fail "$fetched bytes were fetched again; $got were there already"
assert_equal "$(ls -A "$work/two/.p2p/partial")" "" "what is left of it in .p2p/partial"
