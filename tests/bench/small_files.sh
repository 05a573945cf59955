#!/bin/bash
# SPDX-License-Identifier: MIT
# Many small files, one peer to one over an unshaped link, against `rsync -a` from a daemon. Both make the same tree.
. "$(dirname "$0")/lib.sh"

mkdir -p "$work/server/shared" "$work/client"
lan_up 2
server=$(lan_address 1)
# 10,000 files of 4 KiB in 100 folders.
random_file "$work/data" $((10000 * 4096))
for ((i = 0; i < 100; i++)); do
  folder=$work/server/shared/many/$i
  mkdir -p "$folder"
  dd if="$work/data" bs=400K skip="$i" count=1 status=none | split -b 4096 -a 3 -d - "$folder/file"
done
rm "$work/data"

start_in_host 1 "$P2PPEER" -C "$work/server" serve >"$work/p2ppeer.log" 2>&1
if command -v rsync >/dev/null; then
  printf 'uid = root\ngid = root\nuse chroot = no\n[shared]\npath = %s\n' "$work/server/shared" >"$work/rsyncd.conf"
  start_in_host 1 rsync --daemon --no-detach --port=8730 --config="$work/rsyncd.conf" >"$work/rsync.log" 2>&1
  wait_until 10 listening 1 8730
fi

# All are hashed and offered before anything is measured.
offered() {
  in_host 2 "$P2PPEER" -C "$work/client" list --from "$server" --json >"$work/offer" &&
    (($(grep -c '"event":"file"' "$work/offer") == 10000))
}
wait_until 120 offered

by_p2ppeer() {
  rm -rf "$work/client"
  mkdir "$work/client"
  timed in_host 2 "$P2PPEER" -C "$work/client" get many --from "$server" -q
  diff -r "$work/server/shared/many" "$work/client/downloads/many"
}
by_rsync() {
  rm -rf "$work/got"
  mkdir "$work/got"
  timed in_host 2 rsync -a "rsync://$server:8730/shared/many" "$work/got/"
}

contender "p2ppeer get" "$P2PPEER" by_p2ppeer
contender "rsync daemon -a" rsync by_rsync
compare "10,000 files of 4 KiB, one to one, unshaped" "<= 1.2 x rsync -a"
