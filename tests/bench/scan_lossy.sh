#!/bin/bash
# SPDX-License-Identifier: MIT
# Five times a /24 with 40 live hosts where each request is lost with 20 %, against arp-scan and nmap. One run is all
# five networks; what was found is counted together.
. "$(dirname "$0")/lib.sh"
lan_up 2
live=40
networks=5

# over_networks CMD...: CMD prints the addresses it finds; the lab changes in between, outside the time that counts.
over_networks() {
  local seed hits=0 total=0
  for ((seed = 1; seed <= networks; seed++)); do
    start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" \
      --count "$live" --loss 20 --seed "$seed$RANDOM" >"$work/ready"
    wait_until 5 grep -q ready "$work/ready"
    "$LAB/arp_responder" eth0 --network "$LAN_NET.0/24" --except "$LAN_NET.1" "$LAN_NET.2" --count "$live" --list |
      sort >"$work/truth"
    timed "$@"
    total=$(awk -v a="$total" -v b="$elapsed" 'BEGIN { print a + b }')
    hits=$((hits + $(sort -u "$work/found" | comm -12 - "$work/truth" | wc -l)))
    # shellcheck disable=SC2154  # set by start_in_host
    stop_and_wait "$started"
  done
  elapsed=$total
  note "$hits of $((networks * live)) found"
}
p2pscan_addresses() { in_host 1 "$P2PSCAN" --plain --output none | cut -f1 >"$work/found"; }
arp_scan_addresses() { in_host 1 arp-scan --interface=eth0 --localnet --plain | cut -f1 >"$work/found"; }
nmap_addresses() {
  in_host 1 nmap -sn -PR -n -oG - "$LAN_NET.0/24" | awk '/Status: Up/ { print $2 }' >"$work/found"
}
by_p2pscan() { over_networks p2pscan_addresses; }
by_arp_scan() { over_networks arp_scan_addresses; }
by_nmap() { over_networks nmap_addresses; }
contender p2pscan "$P2PSCAN" by_p2pscan
contender arp-scan arp-scan by_arp_scan
contender "nmap -sn -PR" nmap by_nmap
compare "five /24, 40 live each, 20 % of the requests lost" ">= 99.5 % found, <= 1.1 x arp-scan"
