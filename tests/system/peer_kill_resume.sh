#!/bin/bash
# SPDX-License-Identifier: MIT
# The fetching process is killed again and again, at random moments: each run goes on where the last one was stopped, no
# verified byte is lost or fetched again, and the file is whole in the end (T46). KILLS (100) is how often.
. "$(dirname "$0")/lib.sh"
size=$((64 << 20))
kills=${KILLS:-100}
lan_up 2
mkdir -p "$work/one/shared" "$work/two"
random_file "$work/one/shared/big.bin" $size
serve_in_host 1 "$work/one"
server=$(lan_address 1)
wait_until 30 lists 2 "$work/two" big.bin --from "$server"
sent() { in_host 1 "$P2PPEER" -C "$work/one" status --json | sed -nE 's/.*"bytes_out":([0-9]+).*/\1/p'; }
# At these rates, in kbit/s, the file is not whole before the last kill: a run lasts for 0.3 s on average.
rate=$((1500000 / kills))
most=0  # Verified bytes that any run told of.
before=$(sent)
for ((kill = 1; kill <= kills; kill++)); do
  lan_shape 1 "$((rate / 2 + RANDOM % rate + 1))kbit"
  start_in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin --from "$server" >"$work/get.out" 2>"$work/get.log"
  sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
  kill -KILL "$started"
  wait "$started" 2>/dev/null || true
  assert_no_line "$work/get.out" '"event":"done"'
  [[ ! -e $work/two/downloads/big.bin ]] || fail "an incomplete file has its name"
  # What was verified once is there at once in every later run.
  first=$(sed -n '/"state":"fetching"/{s/.*"done":\([0-9]*\).*/\1/p;q}' "$work/get.out")
  [[ -z $first ]] || ((first >= most)) || fail "kill $kill: $first bytes are there, $most were"
  got=$(json_field "$work/get.out" progress done)
  ((${got:-0} <= most)) || most=$got
done

lan_shape 1 1gbit
in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin --from "$server" >"$work/get.out" 2>"$work/get.log"
assert_same "$work/one/shared/big.bin" "$work/two/downloads/big.bin"
fetched=$(json_field "$work/get.out" done fetched)
((fetched > 0 && fetched <= size - most)) || fail "$fetched bytes were fetched in the end; $most were there already"
assert_equal "$(ls -A "$work/two/.p2p/partial")" "" "what is left of it in .p2p/partial"
# A kill costs what was on its way: two chunks of 128 KiB or what the link carries in half a second, and what was queued.
extra=$(($(sent) - before - size))
((extra <= kills * (1 << 20))) || fail "$extra bytes were sent twice in $kills kills"
