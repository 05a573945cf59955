#!/bin/bash
# SPDX-License-Identifier: MIT
# A /24 with 40 live hosts of which a tenth answers after 800 ms, against arp-scan and nmap.
. "$(dirname "$0")/lib.sh"
lan_up 2
live=40
start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" \
  --count "$live" --slow 10 --slow-delay 800 >"$work/ready"
wait_until 5 grep -q ready "$work/ready"
"$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" --count "$live" --list |
  sort >"$work/truth"

found() { note "$(sort -u "$work/found" | comm -12 - "$work/truth" | wc -l) of $live found"; }
by_p2pscan() {
  timed in_host 1 "$P2PSCAN" --plain --output none >"$work/all"
  cut -f1 "$work/all" >"$work/found"
  found
}
by_arp_scan() {
  timed in_host 1 arp-scan --interface=eth0 --localnet --plain >"$work/all"
  cut -f1 "$work/all" >"$work/found"
  found
}
by_nmap() {
  timed in_host 1 nmap -sn -PR -n -oG - "$LAN_NET.0/24" >"$work/all"
  awk '/Status: Up/ { print $2 }' "$work/all" >"$work/found"
  found
}
contender p2pscan "$P2PSCAN" by_p2pscan
contender arp-scan arp-scan by_arp_scan
contender "nmap -sn -PR" nmap by_nmap
compare "/24, a tenth of 40 answers after 800 ms" "all found, <= 0.75 x arp-scan"
