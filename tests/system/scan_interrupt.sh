#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan that is interrupted: the partial result is printed and written; killed, it never leaves half a list. (threats T46)
. "$(dirname "$0")/lib.sh"
lan_up 3
cd "$work"

seen() { grep -q "$LAN_NET.3" "$1"; }
for signal in INT TERM HUP; do
  printf '%s.200\t02:00:00:00:00:c8\n' "$LAN_NET" >peers.txt
  start_in_host 1 "$P2PSCAN" --plain --rate 20 --retries 0 "$LAN_NET.2-250" >out 2>summary.log
  wait_until 20 seen out
  stop_and_wait "$started" "$signal"
  case $signal in INT) want=130 ;; TERM) want=143 ;; HUP) want=129 ;; esac
  assert_equal "$stopped_status" "$want" "status after SIG$signal"
  assert_contains peers.txt "$LAN_NET.3"
  # A scan that was cut short says nothing about those it did not reach.
  assert_contains peers.txt "$LAN_NET.200"
  assert_contains summary.log "incomplete"
done

# A table is shown as well.
start_in_host 1 "$P2PSCAN" --rate 20 --retries 0 "$LAN_NET.2-250" >out 2>summary.log
# The shell lets it ignore SIGINT until it asks for it itself; that is the second bit.
wait_until 20 grep -qx p2pscan "/proc/$started/comm"
wait_until 20 grep -q '^SigCgt:.*[2367abef]$' "/proc/$started/status"
stop_and_wait "$started" INT
assert_equal "$stopped_status" 130
assert_match "$(head -1 out)" "^ADDRESS"

# kill -9 at many moments around the end: the old list or the new one, whole.
printf '# old\n%s.77\n' "$LAN_NET" >old.txt
for ((i = 0; i < 40; i++)); do
  cp old.txt peers.txt
  start_in_host 1 "$P2PSCAN" -q --retries 0 --timeout 5 "$LAN_NET.2-3" >/dev/null 2>&1
  sleep "0.0$((i * 2 / 10))$((i * 2 % 10))"
  kill -KILL "$started" 2>/dev/null || true
  wait "$started" 2>/dev/null || true
  if ! cmp -s old.txt peers.txt; then
    assert_contains peers.txt "# old"
    assert_contains peers.txt "$LAN_NET.77"
    assert_contains peers.txt "$LAN_NET.2"
    assert_contains peers.txt "$LAN_NET.3"
    [[ $(tail -c1 peers.txt | wc -l) == 1 ]] || fail "the last line is cut"
  fi
done

# And at every call that has to do with the list, of which there are few: a kill on entering it leaves the old one until
# the rename, and then the new one.
command -v strace >/dev/null || skip "strace is not installed; all else passed"
capture=$root/tests/data/arp_hosts.pcap
for ((i = 1; i <= 2000; i++)); do echo "10.9.$((i / 250)).$((i % 250 + 1))"; done >old.txt
fields() { cut -f1-3,5- "$1"; }
cp old.txt peers.txt
"$P2PSCAN" -q --no-vendor --read-pcap "$capture" >/dev/null
fields peers.txt >new.fields
fields old.txt >old.fields
kills=0 old=0 new=0
for call in openat2 faccessat2 newfstatat,fstat,statx read lseek getrandom pwrite64 fchmod fsync renameat,renameat2 close exit_group; do
  for ((when = 1; when <= 60; when++)); do
    cp old.txt peers.txt
    status=0
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$when" \
      "$P2PSCAN" -q --no-vendor --read-pcap "$capture" >/dev/null 2>&1 || status=$?
    fields peers.txt >now.fields
    if cmp -s now.fields old.fields; then
      old=$((old + 1))
    elif cmp -s now.fields new.fields; then
      new=$((new + 1))
    else
      fail "a kill at $call $when left neither the old list nor the new one"
    fi
    ((status != 0)) || break  # there are no more such calls
    kills=$((kills + 1))
  done
done
((kills >= 30 && old >= 20 && new >= 2)) || fail "$kills kills left the old list $old times, the new one $new times"
