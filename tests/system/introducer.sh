#!/bin/bash
# SPDX-License-Identifier: MIT
# The introducer in a network of its own, between two routed networks through which no broadcast passes: thousands of
# peers, hostile bytes, caps, a kill, and entries that end with their time (T15, T16, T17, T19, T33, T35, T46, T54).
. "$(dirname "$0")/lib.sh"
need ss python3

# Three networks, one host in each, and a router between them: host 4.
lan_routed_up 3
# Hosts 1 and 2 also speak from every address of 10.101/16 and 10.102/16.
for k in 1 2; do
  ip -n "$LAN_NAME-$k" route add local "10.10$k.0.0/16" dev lo
  ip -n "$LAN_NAME-4" route add "10.10$k.0.0/16" via "10.$k.0.1"
done

introduce() {
  start_in_host 3 "$P2PDNS" -C "$work/dns" "$@" >>"$work/dns.log" 2>&1
  dns=$started
  wait_until 30 listening 3 7494
}
# ask HOST PYTHON...: runs tests/system/introducer_client.py there against the introducer.
ask() {
  local host=$1
  shift
  in_host "$host" python3 "$root/tests/system/introducer_client.py" 10.3.0.1 "$@"
}
# kept [CONDITION]: how many entries are on disk.
kept() {
  python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())' \
    "$work/dns/introducer.db" "SELECT count(*) FROM peers ${1-}"
}

introduce
assert_contains "$work/dns.log" "listening on 0.0.0.0:7494"
assert_contains "$work/dns.log" "listening on [::]:7494"

# Two peers that no broadcast joins find each other.
assert_equal "$(ask 1 say 'JOIN one 10.1.0.1 4001')" "200 OK 0"
assert_equal "$(ask 2 say 'JOIN two 10.2.0.1')" $'200 OK 21\n1,one,10.1.0.1,4001'
assert_equal "$(ask 1 say 'JOIN one 10.1.0.1 4001')" $'200 OK 22\n1,two,10.2.0.1,12345'
# Nobody registers, moves or removes another.
assert_equal "$(ask 1 say 'JOIN evil 10.2.0.1 4001' 'JOIN evil 10.1.0.1 22' 'DELETE two')" \
  $'403 ADDRESS REFUSED 0\n403 ADDRESS REFUSED 0\n200 OK 0'
assert_equal "$(ask 1 say 'JOIN one 10.1.0.1 4001')" $'200 OK 22\n1,two,10.2.0.1,12345'
assert_equal "$(ask 2 say 'LEAVE two' 'NONE' 'JOIN')" $'200 OK 0\n404 OPERATION UNKNOWN 0\n422 MALFORMED 0'

# A second one in the same folder would spoil it.
assert_status 1 in_host 3 "$P2PDNS" -C "$work/dns" --listen 127.0.0.1:7000 2>"$work/second.log"
assert_contains "$work/second.log" "another p2pdns runs in this folder"

# Thousands of peers, from thousands of addresses on both sides; each checks its answer.
ask 1 crowd 10.101 2000
ask 2 crowd 10.102 2000
assert_equal "$(kept)" 4001 "entries"

# What was answered survives a kill, and the order of contacts with it.
before=$(ask 1 say 'JOIN look 0.0.0.0 4009 32')
stop_and_wait "$dns" KILL
introduce
assert_equal "$(kept)" 4002 "entries after a kill"
assert_equal "$(ask 1 say 'JOIN look 0.0.0.0 4009 32')" "$before" "the newest after a kill"
assert_equal "$(ask 1 say 'JOIN look 0.0.0.0 4009 32' | wc -l)" 33

# Hostile bytes, caps and slow ones: each is answered or closed as it should be, and others are served all along.
ask 2 hostile 10.102
assert_equal "$(ask 1 say 'LEAVE look')" "200 OK 0"
kill -0 "$dns"

# However many ids come from one address, they are 64 entries.
ask 1 sybils 10.101.200.1 120
assert_equal "$(kept "WHERE address='10.101.200.1'")" 64 "entries of one address"

stop_and_wait "$dns" TERM
assert_equal "$stopped_status" 0 "exit status after SIGTERM"
assert_contains "$work/dns.log" "ended; peers known: "

# Entries end with their time, also those that were there before; who comes again stays.
introduce --ttl 2s --max-peers 4000
stays() {
  ask 1 say 'JOIN stays 10.1.0.1 4001 0' >/dev/null
  (($(kept) == 1))
}
wait_until 60 stays
assert_equal "$(ask 2 say 'JOIN two 10.2.0.1 4002')" $'200 OK 23\n1,stays,10.1.0.1,4001'
gone() { (($(kept) == 0)); }
wait_until 60 gone

# A full one takes nobody, but tells whom it knows.
stop_and_wait "$dns" INT
assert_equal "$stopped_status" 0 "exit status after SIGINT"
introduce --max-peers 1
assert_equal "$(ask 1 say 'JOIN one 10.1.0.1 4001')" "200 OK 0"
assert_equal "$(ask 2 say 'JOIN two 10.2.0.1 4002')" $'503 FULL 21\n1,one,10.1.0.1,4001'
stop_and_wait "$dns" HUP
assert_equal "$stopped_status" 0 "exit status after SIGHUP"

# More connections than descriptors: it pauses, and answers when there are some again.
start_in_host 3 prlimit --nofile=40 "$P2PDNS" -C "$work/dns" >"$work/few.log" 2>&1
dns=$started
wait_until 30 listening 3 7494
ask 1 crowded 10.101
assert_contains "$work/few.log" "no more connections are accepted for a second"
(($(grep -c "no more connections" "$work/few.log") < 60)) || fail "it spins"
stop_and_wait "$dns" TERM

# A folder that cannot be made and an address that is not ours: said, status 1.
assert_status 1 "$P2PDNS" -C /proc/none 2>"$work/folder.log"
assert_contains "$work/folder.log" "/proc/none"
assert_status 1 in_host 3 "$P2PDNS" -C "$work/dns" --listen 192.0.2.1 2>"$work/address.log"
assert_contains "$work/address.log" "bind 192.0.2.1:7494"
