#!/bin/bash
# SPDX-License-Identifier: MIT
# What p2pscan may and may not do, before and after its sockets are open. (threats T41, T42)
. "$(dirname "$0")/lib.sh"
need setpriv setcap python3
lan_up 2
cd "$work"
chmod 755 "$work"
user=4321
# A copy where an ordinary user can reach it.
install -m 755 "$P2PSCAN" ./p2pscan

as_user() { setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }
# slow_scan ENV CMD...: a scan that lasts some seconds, in $started.
slow=(--plain --retries 0 --rate 20 -o list/peers.txt)
status_field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
scanning() { grep -q "$LAN_NET.2" out; }

# Without privilege: status 3, and how to get it.
mkdir -m 700 list
chown "$user:$user" list
for format in --plain --json; do
  assert_status 3 in_host 1 setpriv --reuid "$user" --regid "$user" --clear-groups ./p2pscan "$format" 2>denied.log
done
assert_contains denied.log "sudo p2pscan"
assert_contains denied.log "setcap cap_net_raw+ep"
assert_status 3 in_host 1 setpriv --bounding-set -net_raw --inh-caps -net_raw ./p2pscan 2>/dev/null

check_status() {  # PID UID
  local field
  wait_until 30 scanning
  for field in CapInh CapPrm CapEff CapAmb; do
    assert_equal "$(status_field "$1" "$field")" 0000000000000000 "$field"
  done
  # Nothing that it might run would gain any: as root for want of a bounding set, in any case by no_new_privs.
  assert_equal "$(status_field "$1" NoNewPrivs)" 1 NoNewPrivs
  [[ -n ${keeps_bounding_set-} ]] || assert_equal "$(status_field "$1" CapBnd)" 0000000000000000 CapBnd
  assert_equal "$(status_field "$1" Uid | xargs)" "$2 $2 $2 $2" Uid
  kill -INT "$1"
  wait "$1" || true
}

# As under sudo: the invoking user's own 0700 folder, and his file in the end.
start ip netns exec "$LAN_NAME-1" env SUDO_UID=$user SUDO_GID=$user HOME=/nonexistent ./p2pscan "${slow[@]}" >out 2>scan.log
check_status "$started" $user
assert_equal "$(stat -c %u:%g list/peers.txt)" "$user:$user" "owner"
assert_contains list/peers.txt "$LAN_NET.2"

# With the file capability.
rm list/peers.txt
setcap cap_net_raw+ep ./p2pscan 2>/dev/null || skip "the file system of $work keeps no capabilities"
: >out
start ip netns exec "$LAN_NAME-1" setpriv --reuid "$user" --regid "$user" --clear-groups ./p2pscan "${slow[@]}" >out 2>scan.log
keeps_bounding_set=1 check_status "$started" $user
assert_equal "$(stat -c %u:%g list/peers.txt)" "$user:$user" "owner"
setcap -r ./p2pscan

# As plain root: no user to become, but no capability either.
mkdir rootlist
: >out
start_in_host 1 ./p2pscan --plain --retries 0 --rate 20 -o rootlist/peers.txt >out 2>scan.log
check_status "$started" 0

# A nonsensical SUDO_UID makes nobody else of root.
for id in 0 -1 4294967295 "1 2" root; do
  in_host 1 env SUDO_UID="$id" SUDO_GID="$user" ./p2pscan -q "$LAN_NET.2" -o rootlist/peers.txt >/dev/null
  assert_equal "$(stat -c %u rootlist/peers.txt)" 0
done

# A folder that the user may not write in: said before the scan, not after it.
chmod 755 rootlist
assert_status 1 in_host 1 env SUDO_UID=$user SUDO_GID=$user ./p2pscan --plain -o rootlist/peers.txt >out 2>denied.log
assert_contains denied.log "rootlist/peers.txt"
[[ ! -s out ]] || fail "it scanned all the same"
