#!/bin/bash
# SPDX-License-Identifier: MIT
# A /24 with 40 live hosts that answer at once, against arp-scan and nmap.
. "$(dirname "$0")/lib.sh"
lan_up 41
live=40  # besides the host that scans

found() { note "$(wc -l <"$work/found") of $live found"; }
by_p2pscan() {
  timed in_host 1 "$P2PSCAN" --plain --output none >"$work/all"
  grep -v "^$(lan_address 1)[[:space:]]" "$work/all" >"$work/found"
  found
}
by_arp_scan() {
  timed in_host 1 arp-scan --interface=eth0 --localnet --plain >"$work/found"
  found
}
by_nmap() {
  timed in_host 1 nmap -sn -PR -n -oG - "$LAN_NET.0/24" >"$work/all"
  grep 'Status: Up' "$work/all" | grep -v "Host: $(lan_address 1) " >"$work/found"
  found
}
contender p2pscan "$P2PSCAN" by_p2pscan
contender arp-scan arp-scan by_arp_scan
contender "nmap -sn -PR" nmap by_nmap
compare "/24, 40 live, no loss" "all found, <= 0.65 x arp-scan"
