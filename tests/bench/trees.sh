#!/bin/bash
# SPDX-License-Identifier: MIT
# Trees of many files, one peer to one over an unshaped link, against rsync from a daemon. All make the same tree; with
# --fsync rsync makes each file durable, as a download is. On a disk rather than in tmpfs: TMPDIR=/var/tmp.
. "$(dirname "$0")/lib.sh"

mkdir -p "$work/server/shared" "$work/client"
lan_up 2
server=$(lan_address 1)

# make_tree NAME FOLDERS FILES BYTES: so many files in each of so many folders.
make_tree() {
  local i folder
  random_file "$work/data" $(($2 * $3 * $4))
  for ((i = 0; i < $2; i++)); do
    folder=$work/server/shared/$1/$i
    mkdir -p "$folder"
    dd if="$work/data" bs="$(($3 * $4))" skip="$i" count=1 iflag=fullblock status=none |
      split -b "$4" -a 3 -d - "$folder/file"
  done
  rm "$work/data"
}
make_tree small 100 100 4096
make_tree photos 20 100 $((300 << 10))
make_tree tracks 10 50 $((2 << 20))
sync -f "$work"

start_in_host 1 "$P2PPEER" -C "$work/server" serve >"$work/p2ppeer.log" 2>&1
if command -v rsync >/dev/null; then
  printf 'uid = root\ngid = root\nuse chroot = no\n[shared]\npath = %s\n' "$work/server/shared" >"$work/rsyncd.conf"
  start_in_host 1 rsync --daemon --no-detach --port=8730 --config="$work/rsyncd.conf" >"$work/rsync.log" 2>&1
  wait_until 10 listening 1 8730
fi

# All are hashed and offered before anything is measured.
offered() {
  in_host 2 "$P2PPEER" -C "$work/client" list --from "$server" --json >"$work/offer" &&
    (($(grep -c '"event":"file"' "$work/offer") == 12500))
}
wait_until 120 offered

# What the run before wrote is on the disk before the next begins.
begin() {
  rm -rf "$work/client" "$work/got"
  mkdir "$work/client" "$work/got"
  sync -f "$work"
}
by_p2ppeer() {
  begin
  timed in_host 2 "$P2PPEER" -C "$work/client" get "$tree" --from "$server" -q
  diff -r "$work/server/shared/$tree" "$work/client/downloads/$tree"
}
by_rsync() {
  begin
  timed in_host 2 rsync -a "$@" "rsync://$server:8730/shared/$tree" "$work/got/"
}
by_rsync_durably() { by_rsync --fsync; }

row() { # row TREE WHAT
  tree=$1
  contender "p2ppeer get" "$P2PPEER" by_p2ppeer
  contender "rsync daemon -a" rsync by_rsync
  contender "rsync daemon -a --fsync" rsync by_rsync_durably
  compare "$2, one to one, unshaped" "<= 1.2 x rsync -a in tmpfs; on a disk <= rsync -a --fsync"
}
row small "10,000 files of 4 KiB"
row photos "2,000 files of 300 KiB"
row tracks "500 files of 2 MiB"
