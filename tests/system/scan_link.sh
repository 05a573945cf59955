#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan while cables are pulled, addresses change, and interfaces go down and away.
. "$(dirname "$0")/lib.sh"
lan_up 3
cd "$work"
has() { grep -q -e "$2" "$1"; }
ended() { ! kill -0 "$1" 2>/dev/null; }
ended_with() {  # STATUS
  local status=0
  wait_until 30 ended "$started"
  wait "$started" || status=$?
  assert_equal "$status" "$1" "exit status"
}

# --watch while a host is unplugged and comes back, and another takes a new address.
start_in_host 1 "$P2PSCAN" -q --watch 0.3 --json -o none --rate 5000 --timeout 100 >watch.json
watcher=$started
event_is() { grep "\"event\":\"$1\"" watch.json | grep -q "\"ip\":\"$LAN_NET.$2\""; }
wait_until 30 event_is join 2
wait_until 30 event_is join 3
lan_link 2 down
wait_until 40 event_is leave 2
lan_link 2 up
joined_again() { (($(grep '"event":"join"' watch.json | grep -c "\"ip\":\"$LAN_NET.2\"") == 2)); }
wait_until 30 joined_again
ip -n "$LAN_NAME-3" address delete "$LAN_NET.3/24" dev eth0
ip -n "$LAN_NAME-3" address add "$LAN_NET.33/24" dev eth0
wait_until 40 event_is move 33
assert_match "$(grep '"event":"move"' watch.json)" "\"was\":\"$LAN_NET.3\""
event_is leave 3 && fail "a host that moved has left as well"
# Our own cable is no reason to end.
lan_link 1 down
wait_until 40 event_is leave 33
lan_link 1 up
rejoined() { (($(grep '"event":"join"' watch.json | grep -c "\"ip\":\"$LAN_NET.33\"") == 1)); }
wait_until 40 rejoined
stop_and_wait "$watcher" INT
assert_equal "$stopped_status" 0 "status of --watch"

# The interface goes down in the middle: what was found is shown and written, and the old is kept.
printf '%s.200\t02:00:00:00:00:c8\n' "$LAN_NET" >peers.txt
start_in_host 1 "$P2PSCAN" --plain --rate 20 --retries 0 "$LAN_NET.2-250" >out 2>down.log
wait_until 30 has out "$LAN_NET.2"
ip -n "$LAN_NAME-1" link set eth0 down
ended_with 1
assert_contains down.log "sending on eth0 failed: Network is down"
assert_contains down.log "incomplete"
assert_contains peers.txt "$LAN_NET.2"
assert_contains peers.txt "$LAN_NET.200"

# Listening goes on while an interface is down for a while, and ends when it is gone for good.
ip -n "$LAN_NAME-1" link set eth0 up
start_in_host 1 "$P2PSCAN" --passive --json -o none >passive.json 2>gone.log
wait_until 30 has passive.json '"self"'
ip -n "$LAN_NAME-1" link set eth0 down
ip -n "$LAN_NAME-1" link set eth0 up
start_in_host 2 "$LAB/arp_responder" eth0 --network "$LAN_NET.128/25" --count 4 --announce 50 --loss 100 >/dev/null
started=${started_pids[-2]}
wait_until 30 has passive.json '"gratuitous"'
ip -n "$LAN_NAME-1" link delete eth0
ended_with 1
assert_contains gone.log "eth0 went away"
