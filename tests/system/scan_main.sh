#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan on a small LAN: every format, the peer list, targets and exit statuses.
. "$(dirname "$0")/lib.sh"
need python3
lan_up 4
cd "$work"

scan() { in_host 1 "$P2PSCAN" "$@"; }
addresses() { cut -f1 | sort; }

scan >table.log 2>summary.log
assert_match "$(<table.log)" "$LAN_NET.1 +02:4c:41:4e:00:01 .*self"
assert_match "$(<table.log)" "$LAN_NET.4 +02:4c:41:4e:00:04 .*random/local"
assert_match "$(<summary.log)" "^3 hosts of 253 addresses on eth0 in .*peers.txt"
assert_equal "$(grep -v '^#' peers.txt | addresses | xargs)" "$LAN_NET.2 $LAN_NET.3 $LAN_NET.4" "peer list"
assert_equal "$(grep -v '^#' peers.txt | cut -f2 | sort | head -1)" "02:4c:41:4e:00:02"
assert_match "$(grep -v '^#' peers.txt | cut -f4 | head -1)" "^20..-..-..T..:..:..Z$"

scan -q --plain -o none >plain.log
assert_equal "$(grep -vc self plain.log)" 3 "plain lines"
grep -qP "^\Q$LAN_NET\E\.3\t02:4c:41:4e:00:03\t\(random/local\)$" plain.log || fail "no plain line"
scan -q --json --no-vendor -o none >json.log
python3 - json.log <<'PY'
import json, sys
hosts = {h["ip"].rsplit(".", 1)[1]: h for h in map(json.loads, open(sys.argv[1]))}
assert sorted(hosts) == ["1", "2", "3", "4"], hosts
assert hosts["1"]["flags"] == ["self"] and hosts["1"]["source"] == "self"
assert hosts["2"]["flags"] == [] and hosts["2"]["source"] == "reply" and hosts["2"]["interface"] == "eth0"
assert 0 < hosts["2"]["rtt_ms"] < 1000 and hosts["2"]["requests"] >= 1
PY
scan -q --csv -o none >csv.log
assert_equal "$(head -1 csv.log)" "address,mac,vendor,interface,source,rtt_ms,flags,name"

# The list is brought up to date, not thrown away.
printf '# note\n192.168.7.7\n%s.9\t02:00:00:00:00:09\n%s.10\n' "$LAN_NET" "$LAN_NET" >>peers.txt
scan -q >/dev/null
for kept in '# note' 192.168.7.7 "$LAN_NET.10" "$LAN_NET.2"; do assert_contains peers.txt "$kept"; done
assert_no_line peers.txt 02:00:00:00:00:09
assert_equal "$(scan -q -o - "$LAN_NET.2-3" 2>/dev/null | grep -v '^#' | cut -f1 | xargs)" "$LAN_NET.2 $LAN_NET.3"

# Targets: a range, an address, a name, this machine itself, nobody.
assert_equal "$(scan -q --plain -o none "$LAN_NET.0/30" "$LAN_NET.4" | addresses | xargs)" \
  "$LAN_NET.1 $LAN_NET.2 $LAN_NET.3 $LAN_NET.4"
mkdir -p "/etc/netns/$LAN_NAME-1"
trap 'rm -rf "/etc/netns/$LAN_NAME-1"; finish' EXIT
printf '127.0.0.1 localhost\n%s.3 printer.lan\n' "$LAN_NET" >"/etc/netns/$LAN_NAME-1/hosts"
echo 'hosts: files' >"/etc/netns/$LAN_NAME-1/nsswitch.conf"
assert_equal "$(scan -q --plain -o none printer.lan | addresses)" "$LAN_NET.3" "scan by name"
assert_status 1 scan -q -o none "$LAN_NET.1" >/dev/null
assert_status 1 scan -q -o none "$LAN_NET.100-$LAN_NET.101" >/dev/null
assert_status 2 scan -q -o none no-such-name.lan 2>/dev/null
assert_status 2 scan --bogus 2>/dev/null
assert_status 2 scan 10.0.0.0/33 2>/dev/null
assert_status 2 scan --json --plain 2>/dev/null
assert_status 2 scan --rate 0 2>/dev/null
assert_status 4 scan -i eth7 2>/dev/null
assert_status 4 scan -i lo 2>/dev/null
assert_status 4 scan 192.168.1.0/24 2>/dev/null
assert_status 0 scan --help >/dev/null
assert_status 0 scan --version >/dev/null

# A reader that goes away takes nothing with it: the list is written all the same.
rm peers.txt
scan -q --plain | head -1 >/dev/null || true
assert_contains peers.txt "$LAN_NET.4"
# A full disk behind the results is a failure, and so is a closed standard output.
for format in --plain --json --csv --verbose "--output -"; do
  # shellcheck disable=SC2086  # two words
  assert_status 1 scan $format "$LAN_NET.2" >/dev/full 2>full.log
  assert_contains full.log "standard output"
done
assert_contains peers.txt "$LAN_NET.4"
assert_status 1 "$P2PSCAN" --help >/dev/full 2>/dev/null
for format in --plain --json --csv --verbose; do
  assert_status 1 scan "$format" -o none "$LAN_NET.2" >&- 2>/dev/null
done
# So it ends what has no other end.
for mode in "--passive --json" "--watch 0.2 --plain" "--watch 0.2"; do
  # shellcheck disable=SC2086  # several words
  assert_status 1 in_host 1 timeout 60 "$P2PSCAN" $mode -o none >/dev/full 2>full.log
  assert_contains full.log "standard output"
done
# What is no list is not replaced.
assert_status 1 scan -q -o /dev/null 2>error.log
assert_contains error.log "not a regular file"
[[ -c /dev/null ]] || fail "/dev/null is gone"
mkfifo pipe
assert_status 1 scan -q -o pipe 2>/dev/null
assert_status 1 scan -q -o no/such/folder 2>/dev/null

scan --plain -o none "$LAN_NET.2" >/dev/null 2>one.log
assert_match "$(<one.log)" "^1 host of 1 address on eth0 in .* s, [0-9]+ requests?$"
assert_status 1 scan --rate 1 --retries 0 --timeout 1 --plain -o none "$LAN_NET.99" >/dev/null 2>none.log
assert_match "$(<none.log)" "^0 hosts of 1 address on eth0 in .* s, 1 request$"

# What was captured is read back.
scan -q -o none --write-pcap scan.pcap >/dev/null
assert_equal "$("$P2PSCAN" -q --plain -o none --read-pcap scan.pcap "$LAN_NET.2-254" | addresses | xargs)" \
  "$LAN_NET.2 $LAN_NET.3 $LAN_NET.4"
assert_status 1 scan -q -o none --write-pcap no/such/scan.pcap >/dev/null 2>write.log
assert_equal "$(<write.log)" "p2pscan: cannot write the capture no/such/scan.pcap: No such file or directory"
