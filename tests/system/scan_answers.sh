#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan among hosts that answer twice, for others, to everybody, late, sometimes, or with garbage. (threats T12)
. "$(dirname "$0")/lib.sh"
need python3
lan_up 2
cd "$work"

# play OPTION...: hosts on host 2's end of the LAN; their addresses go to truth.
play() {
  start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" \
    --vendor 00:1b:21 "$@" >responder.out
  "$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" "$@" --list | sort >truth
  wait_until 30 grep -q ready responder.out
}
replay() {
  kill "$started"
  wait "$started" || true
  play "$@"
}
# Everybody who plays is found, and nobody else.
found_all() {
  in_host 1 "$P2PSCAN" -q --json -o none >found.json
  python3 - found.json truth "$LAN_NET" <<'PY'
import json, sys
found = {h["ip"]: h for h in map(json.loads, open(sys.argv[1]))}
truth = set(open(sys.argv[2]).read().split()) | {sys.argv[3] + ".1", sys.argv[3] + ".2"}
assert set(found) == truth, (sorted(set(found) - truth), sorted(truth - set(found)))
PY
}
flagged() { python3 -c '
import json, sys
hosts = {h["ip"]: h for h in map(json.loads, open("found.json"))}
print(sum(sys.argv[1] in h["flags"] for h in hosts.values()))' "$1"; }

play --count 40 --garbage --conflicts 3
found_all
assert_equal "$(flagged conflict)" 3 "conflicts"
assert_contains found.json "Intel"

replay --count 30 --broadcast
found_all
assert_equal "$(grep -c '"broadcast-reply"' found.json)" 30

replay --count 30 --slow 20 --slow-delay 800
found_all
python3 -c '
import json
rtts = sorted(h.get("rtt_ms", 0) for h in map(json.loads, open("found.json")))
assert any(rtt > 700 for rtt in rtts), rtts'

# Replies tagged for another VLAN are nobody's, and are counted as such; a priority tag is none of a VLAN.
replay --count 20 --vlan 42
in_host 1 "$P2PSCAN" -v --json -o none >found.json 2>rejected.log
assert_equal "$(wc -l <found.json)" 2 "hosts among frames of another VLAN"
assert_match "$(<rejected.log)" "[0-9]+ frames rejected: another VLAN"
replay --count 20 --vlan 0
found_all

# Ten addresses are spoken for by one machine; some of them are hosts of their own.
replay --count 20 --proxy 10
in_host 1 "$P2PSCAN" -q --json -o none >found.json
proxied=$(for k in {1..10}; do echo "$LAN_NET.$k"; done | grep -vxF -f truth | grep -vcE '\.(1|2)$')
assert_equal "$(flagged proxy)" "$proxied" "proxied addresses"
assert_equal "$(flagged conflict)" 0 "conflicts beside a proxy"

# Unasked frames are evidence too: nobody answers, but all speak.
replay --count 20 --loss 100 --announce 100
found_all
grep -q '"gratuitous"' found.json || fail "no announcement counted"
grep -q '"request"' found.json || fail "no request counted"

# A fifth of the requests is lost, on several networks: (nearly) all are found all the same.
missing=0
for seed in 1 2 3 4 5; do
  replay --count 40 --loss 20 --seed "$seed"
  in_host 1 "$P2PSCAN" -q --plain -o none | cut -f1 | sort >found
  missing=$((missing + $(comm -23 truth found | wc -l)))
done
((missing <= 2)) || fail "$missing of 200 hosts were missed"
