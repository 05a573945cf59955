#!/bin/bash
# SPDX-License-Identifier: MIT
# Vendors, host names and interface names that are full of control characters: nothing of that reaches the terminal, every
# JSON line is JSON, every CSV line has its columns, every line of the list its fields. (threats T45)
. "$(dirname "$0")/lib.sh"
need python3
lan_up 3
cd "$work"
hostile=$'\e[2J\e]0;x\a\r\tT\x7f\xc2\x9b31m\xe2\x80\xae\xff\xfe,"'

# On host 1 only: the interface's name, the vendor of 00:1b:21 and the name of host 3.
eth=$'e\e[31m\xe2\x80\xae"'
ip -n "$LAN_NAME-1" link set eth0 down
ip -n "$LAN_NAME-1" link set eth0 name "$eth" || skip "ip does not take such a name"
ip -n "$LAN_NAME-1" link set "$eth" up
mkdir -p "/etc/netns/$LAN_NAME-1"
trap 'rm -rf "/etc/netns/$LAN_NAME-1"; finish' EXIT
printf '127.0.0.1 localhost\n%s.3 %s\n' "$LAN_NET" $'evil\e[2J\xc2\x9b' >"/etc/netns/$LAN_NAME-1/hosts"
echo 'hosts: files' >"/etc/netns/$LAN_NAME-1/nsswitch.conf"
mkdir vendors
printf 'Registry,Assignment,Organization Name,Organization Address\nMA-L,001B21,"%s",x\n' "${hostile//\"/\"\"}" >vendors/oui.csv
[[ -d /usr/share/ieee-data ]] || skip "ieee-data is not installed"
start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.128/25" --count 4 --conflicts 1 --vendor 00:1b:21 >ready
wait_until 30 grep -q ready ready

# shellcheck disable=SC2016  # for the inner shell
scan() { in_host 1 unshare -m sh -c 'mount --bind vendors /usr/share/ieee-data && exec "$0" "$@"' "$P2PSCAN" "$@"; }
# shellcheck disable=SC2016
watch() {
  in_host 1 unshare -m sh -c 'mount --bind vendors /usr/share/ieee-data && exec timeout --signal=INT 2 "$0" "$@"' \
    "$P2PSCAN" --watch 0.5 "$@"
}

scan --resolve -v >table.out 2>table.err
scan --resolve --plain -o none >plain.out 2>plain.err
scan --resolve --csv -o none >csv.out 2>csv.err
scan --resolve --json -o none >json.out 2>json.err
scan -o - >list.out 2>list.err
assert_contains peers.txt "$LAN_NET.3"
cp peers.txt peers.out
watch -o none >watch.out 2>watch.err || true
watch -o none --plain >watch-plain.out 2>watch-plain.err || true
watch -o none --json >watch-json.out 2>watch-json.err || true
in_host 1 "$P2PSCAN" --cached --json -o none >cached-json.out 2>cached.err || true
assert_status 2 in_host 1 "$P2PSCAN" "a$hostile" >usage.out 2>usage.err
assert_status 2 in_host 1 "$P2PSCAN" "--a$hostile" >option.out 2>option.err
assert_status 4 in_host 1 "$P2PSCAN" -i "$hostile" >interface.out 2>interface.err
assert_status 1 in_host 1 "$P2PSCAN" -o "no/$hostile" >output.out 2>output.err
assert_status 1 in_host 1 "$P2PSCAN" --read-pcap "$hostile" >read.out 2>read.err
assert_status 1 in_host 1 "$P2PSCAN" -o none --write-pcap "no/$hostile" >write.out 2>write.err

python3 - <<'PY'
import csv, glob, json, unicodedata
for name in sorted(glob.glob("*.out") + glob.glob("*.err")):
    text = open(name, encoding="utf-8", newline="").read()  # strictly UTF-8
    bad = sorted({hex(ord(c)) for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")})
    assert not bad, (name, bad)
    if name.endswith("json.out"):
        lines = [json.loads(line) for line in text.splitlines()]
        assert all(line["ip"] for line in lines) and text.isascii(), name
        assert len(lines) > 3 or "cached" in name, name
for name in ("plain.out", "watch-plain.out"):
    rows = [line.split("\t") for line in open(name)]
    assert len(rows) > 3 and all(3 <= len(row) <= 5 for row in rows), (name, rows)
rows = list(csv.reader(open("csv.out", newline="")))
assert len(rows) > 5 and all(len(row) == 8 for row in rows), rows
for name in ("peers.out", "list.out"):
    for line in open(name):
        assert line.startswith("#") or len(line.split("\t")) in (4, 5), (name, line)
vendors = {json.loads(line)["vendor"] for line in open("json.out")}
assert any("x1b" in vendor or "\x1b" in vendor for vendor in vendors), vendors
PY
assert_contains table.out '\x1b[2J'
assert_contains table.err '\x1b[31m'
