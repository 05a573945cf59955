#!/bin/bash
# SPDX-License-Identifier: MIT
# 72 peers, more than one keeps connections with, each with a file of its own: a peer that lives for one command, and one
# that serves, find and fetch the files of all, and a push reaches all. Several share a host; that
# makes places rarer still, as a peer keeps at most 8 connections with one address.
. "$(dirname "$0")/lib.sh"
hosts=6 each=12
total=$((hosts * each))
asker=$((hosts + 1))
lan_up "$asker"
for ((k = 1; k <= hosts; k++)); do
  for ((i = 1; i <= each; i++)); do
    home=$work/$k-$i
    mkdir -p "$home/shared"
    echo "of $k-$i" >"$home/shared/from-$k-$i.txt"
    start_in_host "$k" "$P2PPEER" -C "$home" serve --listen "$(lan_address "$k"):$((12000 + i))" --name "peer$k-$i" \
      --accept-push >>"$work/peers.log" 2>&1
  done
done

# What a command on the host that asks tells in JSON lines is left in $told; more than COUNT lines of EVENT are waited for,
# as peers take their time to hear of each other.
told=$work/told.json
tells() {
  local count=$1 event=$2
  shift 2
  in_host "$asker" "$P2PPEER" --json "$@" >"$told" 2>>"$work/asker.log" || true
  (($(grep -c "\"event\":\"$event\"" "$told") >= count))
}
mkdir -p "$work/short"
wait_until 60 tells "$total" file -C "$work/short" list
note "a short-lived peer lists $total files of $(json_field "$told" summary peers) peers in $(json_field "$told" summary seconds) s"
wait_until 30 tells "$total" peer -C "$work/short" peers

# One that serves keeps some connections, and visits the others.
serve_in_host "$asker" "$work/asker"
echo one >"$work/asker/shared/from-asker.txt"
wait_until 60 tells "$total" file -C "$work/asker" list
note "one that serves lists them in $(json_field "$told" summary seconds) s"
wait_until 30 tells "$total" peer -C "$work/asker" peers
kept=$(grep -c '"state":"connected"' "$told") visited=$(grep -c '"state":"reachable"' "$told")
note "$kept of them are connected, $visited visited"
((kept <= 64)) || fail "$kept connections are kept"
((visited > 0)) || fail "nobody had to be visited"

# A file that only a peer has which is not connected: all of them.
words=()
while read -r endpoint; do
  [[ $endpoint =~ ^10\.77\.0\.([0-9]+):120([0-9]+)$ ]] || fail "where is $endpoint?"
  words+=("from-${BASH_REMATCH[1]}-$((10#${BASH_REMATCH[2]})).txt")
done < <(sed -nE '/"state":"reachable"/s/.*"endpoint":"([^"]*)".*/\1/p' "$told")
in_host "$asker" "$P2PPEER" -C "$work/asker" get "${words[@]}" >>"$work/asker.log" 2>&1
for word in "${words[@]}"; do
  home=${word#from-}
  assert_same "$work/asker/downloads/$word" "$work/${home%.txt}/shared/$word"
done

# A push reaches all of them.
random_file "$work/pushed" 300000
in_host "$asker" "$P2PPEER" -C "$work/asker" push "$work/pushed" --to all --json >"$told" 2>>"$work/asker.log" ||
  fail "the push ends with $?: $(grep '"receiver"' "$told" | grep -v '"state":"done"')"
assert_equal "$(grep -c '"event":"receiver".*"state":"done"' "$told")" "$total" "receivers that have it"
note "a push to all of them took $(json_field "$told" summary seconds) s"
for ((k = 1; k <= hosts; k++)); do
  for ((i = 1; i <= each; i++)); do assert_same "$work/$k-$i/downloads/pushed" "$work/pushed"; done
done
