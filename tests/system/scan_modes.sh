#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan's other modes: --watch, --passive, --cached, --probe, --resolve, --count.
. "$(dirname "$0")/lib.sh"
need python3 setpriv strace
lan_up 4
cd "$work"

scan() { in_host 1 "$P2PSCAN" -q "$@"; }
has() { grep -q -e "$2" "$1"; }

# --probe: host 2 is a peer, host 3 has something else on the port, host 4 nothing.
speak() {  # K TEXT
  start_in_host "$1" python3 -c '
import socket, sys
server = socket.socket()
server.bind(("", 12345))
server.listen()
while True:
    connection, _ = server.accept()
    connection.sendall(sys.argv[1].encode())
    connection.close()' "$2"
}
speak 3 'SSH-2.0-x'
speak 4 $'\x10\n'
wait_until 30 listening 3 12345
wait_until 30 listening 4 12345
scan --probe --json >probe.json
assert_match "$(grep '\.4"' probe.json)" '"peer":true,"flags":\["peer"\]'
assert_match "$(grep '\.3"' probe.json)" '"peer":false,"flags":\[\]'
assert_match "$(grep '\.2"' probe.json)" '"peer":false'
assert_equal "$(grep -v '^#' peers.txt | head -1 | cut -f1,5)" "$LAN_NET.4	peer" "first of the list"
assert_equal "$(grep -vc '^#' peers.txt)" 3
assert_equal "$(scan --probe 12346 --plain -o none "$LAN_NET.4" | cut -f4)" "" "another port"
assert_equal "$(scan -o none --plain --probe "$LAN_NET.4" | cut -f4)" "peer" "a target after --probe"

# A real peer says it by itself.
mkdir -p "$work/home/shared"
serve_in_host 2 "$work/home" --no-announce
assert_equal "$(scan --probe --plain -o none "$LAN_NET.2" | cut -f4)" "peer" "p2ppeer serve"
# However many hosts there are, only so many are dialled at a time; these answer ARP and nothing else.
start_in_host 3 "$LAB/arp_responder" eth0 --network "$LAN_NET.128/25" --count 120 >played
played=$started
wait_until 30 has played ready
ASAN_OPTIONS=detect_leaks=0 in_host 1 strace -f -qq -e trace=connect,close -o many.calls \
  "$P2PSCAN" -q --probe --plain -o none "$LAN_NET.129-254" >many.out
assert_equal "$(wc -l <many.out)" 120 "hosts that were probed"
most=$(awk '
  match($0, /(connect|close)\([0-9]+/) {
    split(substr($0, RSTART, RLENGTH), call, "(")
    if (call[1] == "close") delete dialled[call[2]]
    else if (/htons\(12345\)/) dialled[call[2]] = 1
    count = 0
    for (fd in dialled) ++count
    if (count > most) most = count
  }
  END { print most + 0 }' many.calls)
((most > 0 && most <= 64)) || fail "$most hosts dialled at a time"
stop_and_wait "$played"

# --resolve
mkdir -p "/etc/netns/$LAN_NAME-1"
trap 'rm -rf "/etc/netns/$LAN_NAME-1"; finish' EXIT
printf '127.0.0.1 localhost\n%s.3 printer.lan\n' "$LAN_NET" >"/etc/netns/$LAN_NAME-1/hosts"
echo 'hosts: files' >"/etc/netns/$LAN_NAME-1/nsswitch.conf"
scan --resolve --json -o none >names.json
assert_match "$(grep '\.3"' names.json)" '"name":"printer.lan"'
grep '\.2"' names.json | grep -q '"name"' && fail "a name from nowhere"

# --count
assert_equal "$(scan --count 2 --plain -o none | grep -vc self)" 2 "hosts with --count 2"

# --cached, as nobody in particular: who was spoken to, and not who was asked in vain.
in_host 1 ping -c 1 -W 5 "$LAN_NET.2" >/dev/null
in_host 1 ping -c 1 -W 1 "$LAN_NET.99" >/dev/null || true
in_host 1 setpriv --reuid 4321 --regid 4321 --clear-groups "$P2PSCAN" -q --cached --json -o none >cached.json
assert_match "$(grep '\.2"' cached.json)" '"mac":"02:4c:41:4e:00:02".*"source":"cache"'
has cached.json '\.99"' && fail "a host that did not answer"
assert_status 1 scan --cached -o none -i lo

# The kernel speaks IPv6 of its own accord, which would be counted below.
in_host 1 sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
# --passive sends nothing, hears who speaks, and ends well when it is interrupted.
start_in_host 1 "$P2PSCAN" -q --passive --json >passive.json
wait_until 30 has passive.json '"self"'
before=$(in_host 1 cat /sys/class/net/eth0/statistics/tx_packets)
start_host=$started
start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.128/25" --count 4 --announce 50 --loss 100 >/dev/null
announcer=$started
wait_until 30 has passive.json '"gratuitous"'
wait_until 30 has passive.json '"request"'
assert_equal "$(in_host 1 cat /sys/class/net/eth0/statistics/tx_packets)" "$before" "packets sent"
stop_and_wait "$start_host" INT
assert_equal "$stopped_status" 0 "status of --passive"
grep -q "$LAN_NET.1[2-9]" peers.txt || grep -q "$LAN_NET.2" peers.txt || fail "nothing was written"
kill "$announcer"

# --watch at 30 % loss: six join once; one leaves, comes back, and changes its MAC.
start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.128/25" --count 6 --loss 30 --vendor 00:1b:21 >ready
responder=$started
wait_until 30 has ready ready
start_in_host 1 "$P2PSCAN" --watch 0.3 --json -o watched.txt --rate 5000 --timeout 100 "$LAN_NET.129-254" >watch.json
watcher=$started
events() { grep -c "\"event\":\"$1\"" watch.json || true; }
count_is() { [[ $(events "$1") == "$2" ]]; }
wait_until 30 count_is join 6
kill -USR1 "$responder"
wait_until 40 count_is leave 1
kill -USR1 "$responder"
wait_until 30 count_is join 7
kill -USR2 "$responder"
wait_until 30 count_is change 1
assert_match "$(grep '"change"' watch.json)" '"was":"00:1b:21:00:00:00".*"mac":"00:1b:21:cc:00:00"'
stop_and_wait "$watcher" INT
assert_equal "$stopped_status" 0 "status of --watch"
assert_equal "$(events join) $(events leave) $(events change) $(events move) $(events conflict)" "7 1 1 0 0" "events"
assert_equal "$(grep -vc '^#' watched.txt)" 6 "watched list"
python3 -c 'import json; [json.loads(line) for line in open("watch.json")]'

# What does not go together is refused.
for bad in "--watch --passive" "--cached --read-pcap x" "--passive --rate 5" "--cached --probe" "--watch --csv" "--watch 0"; do
  # shellcheck disable=SC2086  # several words
  assert_status 2 scan $bad 2>/dev/null
done
