#!/bin/bash
# SPDX-License-Identifier: MIT
# How long after a host's reply its line is printed, and how long reading the vendors takes.
. "$(dirname "$0")/lib.sh"
lan_up 2
live=40

start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" \
  --vendor 00:1b:21 --count "$live" --log >>"$work/sent"
wait_until 30 grep -q ready "$work/sent"

# stamped CMD...: runs CMD on host 1; each line of its output goes to $work/printed after the time it was read at.
stamped() {
  local line
  : >"$work/sent"
  in_host 1 "$@" | while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done >"$work/printed"
  sleep 0.1
}
# From each host's first reply to its line: the first line's is the result, the others' are noted.
judge_delays() {
  sed -nE "s/^([0-9.]+) .*($LAN_NET\.[0-9]+).*/\2 \1/p" "$work/printed" >"$work/lines"
  awk 'NR == FNR { if (!($1 in sent)) sent[$1] = $2; next }
       ($1 in sent) && !($1 in seen) { seen[$1] = 1; printf "%.6f\n", $2 - sent[$1] }' \
    "$work/sent" "$work/lines" >"$work/delays"
  elapsed=$(head -n 1 "$work/delays")
  note "$(sort -g "$work/delays" | awk '{ v[NR] = $1 * 1000 }
    END { printf "first %s ms, %d hosts: median %.2f ms, worst %.2f ms", "'"$(awk 'NR == 1 { printf "%.2f", $1 * 1000 }' "$work/delays")"'", NR, v[int((NR + 1) / 2)], v[NR] }')"
}
by_json() { stamped "$P2PSCAN" -q --json -o none && judge_delays; }
by_plain() { stamped "$P2PSCAN" -q --plain -o none && judge_delays; }
by_watch() { stamped timeout --signal=INT 3 "$P2PSCAN" -q --watch --json -o none || true; judge_delays; }
by_arp_scan() { stamped arp-scan --interface=eth0 --localnet --plain && judge_delays; }
contender "p2pscan --json" "$P2PSCAN" by_json
contender "p2pscan --plain" "$P2PSCAN" by_plain
contender "p2pscan --watch --json" "$P2PSCAN" by_watch
contender "arp-scan --plain" arp-scan by_arp_scan
compare "from the first host's reply to its line" "<= 0.010 s"

read_vendors() {
  in_host 1 "$P2PSCAN" -v -o none "$LAN_NET.2" >/dev/null 2>"$work/verbose"
  local ms
  ms=$(sed -nE 's/.* vendor prefixes read in ([0-9.]+) ms$/\1/p' "$work/verbose")
  elapsed=$(awk -v ms="$ms" 'BEGIN { printf "%.4f", ms / 1000 }')
  note "$ms ms, $(sed -nE 's/.* ([0-9]+) vendor prefixes.*/\1/p' "$work/verbose") prefixes"
}
contender "p2pscan" "$P2PSCAN" read_vendors
compare "reading the vendors" "<= 0.030 s"
