#!/bin/bash
# SPDX-License-Identifier: MIT
# The real sudo: an ordinary user scans, and owns the list in his 0700 folder; paths in his environment are not root's.
# (threats T41, T42)
. "$(dirname "$0")/lib.sh"
need sudo setpriv
lan_up 3
cd "$work"
chmod 755 .
user=4321 group=4322
install -m 755 "$P2PSCAN" ./p2pscan

# A user and a rule that exist on host 1 only.
etc=/etc/netns/$LAN_NAME-1
mkdir -p "$etc"
trap 'rm -rf "$etc"; finish' EXIT
{ cat /etc/passwd; echo "scanner:*:$user:$group::/nonexistent:/bin/sh"; } >"$etc/passwd"
{ cat /etc/group; echo "scanner:*:$group:"; echo "lan:*:4999:scanner"; } >"$etc/group"
(umask 337; printf 'root ALL=(ALL) ALL\nscanner ALL=(root) NOPASSWD: ALL\n' >"$etc/sudoers")
with_sudo() {
  ip netns exec "$LAN_NAME-1" setpriv --reuid "$user" --regid "$group" --clear-groups env HOME="$work/list" sudo -n "$@"
}
with_sudo true 2>sudo.log || skip "sudo does not work here: $(tail -n 1 sudo.log)"

mkdir -m 700 list rootlist
chown "$user:$group" list
with_sudo ./p2pscan -q --plain -o list/peers.txt >out
assert_contains out "$LAN_NET.2"
assert_equal "$(stat -c %u:%g:%a list/peers.txt)" "$user:$group:644" "owner and mode"
assert_contains list/peers.txt "$LAN_NET.3"
# Again, over the file that is there.
with_sudo ./p2pscan -q --plain -o list/peers.txt >out
assert_equal "$(stat -c %u:%g list/peers.txt)" "$user:$group" "owner"

# Root's folder is none of the user's, sudo or not.
assert_status 1 with_sudo ./p2pscan -q --plain -o rootlist/peers.txt >out 2>denied.log
assert_contains denied.log "rootlist/peers.txt"
[[ ! -s out ]] || fail "it scanned all the same"
assert_status 1 with_sudo ./p2pscan -q --plain -o none --write-pcap rootlist/scan.pcap >out 2>denied.log
assert_equal "$(ls -A rootlist)" "" "what is in root's folder"
with_sudo ./p2pscan -q --plain -o none --write-pcap list/scan.pcap >out
assert_equal "$(stat -c %u:%g list/scan.pcap)" "$user:$group" "owner of the capture"

# While it scans, nothing of root is left, and the user's own groups are back.
start ip netns exec "$LAN_NAME-1" setpriv --reuid "$user" --regid "$group" --clear-groups \
  sudo -n ./p2pscan --plain --retries 0 --rate 20 -o list/peers.txt >out 2>scan.log
scanning() { grep -q "$LAN_NET.2" out; }
wait_until 30 scanning
scanner=$(pgrep -x p2pscan --ns "$started" --nslist net | head -n 1)
field() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$scanner/status" | xargs; }
assert_equal "$(field Uid)" "$user $user $user $user" Uid
assert_equal "$(field Gid)" "$group $group $group $group" Gid
assert_equal "$(field Groups)" "4999 $group" Groups
for set in CapInh CapPrm CapEff CapBnd CapAmb; do assert_equal "$(field "$set")" 0000000000000000 "$set"; done
assert_equal "$(field NoNewPrivs)" 1 NoNewPrivs
kill -INT "$scanner"
wait "$started" || true
assert_contains list/peers.txt "$LAN_NET.2"
