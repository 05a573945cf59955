#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan --read-pcap: recorded networks give the recorded results; damaged files give a clear message. (threats T12)
. "$(dirname "$0")/lib.sh"
data=$root/tests/data
cd "$work"

for capture in "$data"/arp_*.pcap; do
  "$P2PSCAN" -q --json --no-vendor -o none --read-pcap "$capture" >result.json
  assert_same result.json "${capture%.pcap}.jsonl"
done
assert_equal "$("$P2PSCAN" -q --plain -o none --read-pcap "$data/arp_hosts.pcap" 10.0.0.8-12 | cut -f1 | xargs)" \
  "10.0.0.9 10.0.0.11"
assert_status 1 "$P2PSCAN" -q -o none --read-pcap "$data/arp_hosts.pcap" 10.9.0.0/24 >/dev/null

# Cut anywhere, a file ends the run with status 0 or 1 and never with a signal; what came before the cut is not invented.
size=$(stat -c %s "$data/arp_hosts.pcap")
for ((length = 0; length < size; length += 29)); do
  head -c "$length" "$data/arp_hosts.pcap" >cut.pcap
  status=0
  "$P2PSCAN" -q --plain -o none --read-pcap cut.pcap >cut.out 2>cut.log || status=$?
  ((status <= 1)) || fail "status $status for $length bytes"
  grep -vE '^10\.0\.0\.(7|9|11|13|15|17)	' cut.out && fail "a phantom in $length bytes"
done
assert_contains cut.log "cut.pcap"
# Not Ethernet (link type 101, raw IP).
printf '\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0' >raw.pcap
assert_status 1 "$P2PSCAN" -q -o none --read-pcap raw.pcap 2>raw.log
assert_contains raw.log "no Ethernet"
assert_status 1 "$P2PSCAN" -q -o none --read-pcap missing.pcap 2>missing.log
assert_equal "$(<missing.log)" "p2pscan: cannot read the capture missing.pcap: No such file or directory"
# Results that nobody took are a failure.
for format in --plain --json --csv --no-vendor; do
  assert_status 1 "$P2PSCAN" -q "$format" -o none --read-pcap "$data/arp_hosts.pcap" >/dev/full 2>full.log
  assert_contains full.log "standard output"
done
