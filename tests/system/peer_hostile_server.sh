#!/bin/bash
# SPDX-License-Identifier: MIT
# A peer that serves lies: hostile names in its catalog, wrong hashes, wrong, short, unasked or unfinished chunks, or no
# answer at all (T23, T25, T31, T36, T45). Lists stay safe to show, nothing is written outside downloads/, and an honest
# peer's copy comes whole all the same.
. "$(dirname "$0")/lib.sh"
hostile=$root/tests/system/hostile_peer.py
[[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
lan_up 3
mkdir -p "$work"/{one/shared,three}
random_file "$work/one/shared/wanted.bin" 4000001
serve_in_host 1 "$work/one"
cd "$work/three"

# serve MODE: the hostile peer on host 2 from now on, in place of the one before.
server=
serve() {
  [[ -z $server ]] || stop_and_wait "$server"
  start_in_host 2 /usr/bin/python3 "$hostile" serve "$1" "$work/one/shared/wanted.bin" wanted.bin >"$work/serve.out" \
    2>"$work/serve.log"
  server=$started
  wait_until 30 grep ready "$work/serve.out"
}
from_both=(--from 10.77.0.1 --from 10.77.0.2)
peer() { in_host 3 timeout 100 "$P2PPEER" "$@"; }

# Names: what the protocol does not allow is not there; what is odd is escaped; nothing lands elsewhere.
serve names
peer list --from 10.77.0.2 >"$work/list.txt" 2>"$work/list.log"
peer list --json --from 10.77.0.2 >"$work/list.json" 2>>"$work/list.log"
peer peers --from 10.77.0.2 >"$work/peers.txt" 2>>"$work/list.log"
cat "$work/list.txt" "$work/list.json" "$work/peers.txt" "$work/list.log" >"$work/said"
/usr/bin/python3 - "$work/said" "$work/list.json" <<'END'
import json, sys, unicodedata
for c in open(sys.argv[1], encoding="utf-8", errors="strict").read():
    if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        sys.exit("the character U+%04X was printed" % ord(c))
paths = sorted(e["path"] for e in map(json.loads, open(sys.argv[2])) if e["event"] == "file")
expected = sorted(["bidi\u202egpj.txt", "bom\ufeff.txt", "line\u2028sep.txt", "huge.bin", "wanted.bin"])
if paths != expected:
    sys.exit("listed: %r" % paths)
END
# What cannot be stored is known before anything is fetched.
if peer get huge.bin --from 10.77.0.2 >"$work/get.out" 2>"$work/get.log"; then fail "4 TiB were fetched"; fi
for name in ../escaped.txt /tmp/escaped.txt escaped.txt .hidden .p2p/key key; do
  assert_status 4 peer get "$name" --from 10.77.0.2 >"$work/get.out" 2>"$work/get.log"
done
find "$work" -name '*escaped*' | grep . && fail "something was written"
peer get wanted.bin --from 10.77.0.2 >"$work/get.out" 2>"$work/get.log"
assert_same "$work/one/shared/wanted.bin" downloads/wanted.bin

# Whatever it sends for a file, the honest peer's copy comes whole.
for mode in wrong_chunks wrong_layer short_chunks unasked stalls silent unsorted endless; do
  serve "$mode"
  rm -rf downloads .p2p/partial
  peer get wanted.bin "${from_both[@]}" >"$work/get.out" 2>"$work/get.log" || fail "no get beside $mode"
  assert_same "$work/one/shared/wanted.bin" downloads/wanted.bin
done

# Alone it gets nothing in: neither a wrong byte nor a file under that name. Each on a host of its own, all at once, for
# their downloads are only given up after a while.
modes=(wrong_chunks wrong_layer short_chunks)
getting=()
for i in "${!modes[@]}"; do
  host=$((4 + i)) mode=${modes[i]}
  lan_add_host "$host"
  start_in_host "$host" /usr/bin/python3 "$hostile" serve "$mode" "$work/one/shared/wanted.bin" wanted.bin \
    >"$work/$mode.out" 2>"$work/$mode.log"
  wait_until 30 grep ready "$work/$mode.out"
  mkdir "$work/$mode"
  start_in_host 3 timeout 100 "$P2PPEER" -C "$work/$mode" get wanted.bin --from "$(lan_address "$host")" \
    >"$work/get-$mode.out" 2>"$work/get-$mode.log"
  getting+=("$started")
done
for i in "${!modes[@]}"; do
  assert_status 1 wait "${getting[i]}"
  [[ ! -e $work/${modes[i]}/downloads/wanted.bin ]] || fail "${modes[i]} got a file in"
done
