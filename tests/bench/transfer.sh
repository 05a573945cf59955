#!/bin/bash
# SPDX-License-Identifier: MIT
# One peer to one: a big file over an unshaped link, and 64 MiB over 100 Mbit/s, against curl from nginx and an rsync
# daemon. Every tool writes a file; ours verifies each chunk as it comes.
. "$(dirname "$0")/lib.sh"

mkdir -p "$work/server/shared" "$work/client" "$work/got"
free=$(df --output=avail -m "$work" | tail -n 1)
((free >= 2 * BENCH_MIB + 512)) || fail "$work has $free MiB free, $((2 * BENCH_MIB + 512)) are needed (BENCH_MIB makes the file smaller)"
lan_up 2
random_file "$work/server/shared/small" $((64 << 20))
random_file "$work/server/shared/big" $((BENCH_MIB << 20))
server=$(lan_address 1)

start_in_host 1 "$P2PPEER" -C "$work/server" serve >"$work/p2ppeer.log" 2>&1
if command -v nginx >/dev/null; then
  cat >"$work/nginx.conf" <<END
daemon off; user root; pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 1;
events {}
http { access_log off; sendfile on; server { listen $server:8000; root $work/server/shared; } }
END
  start_in_host 1 nginx -c "$work/nginx.conf" -e "$work/nginx.log"
  wait_until 10 listening 1 8000
fi
if command -v rsync >/dev/null; then
  printf 'uid = root\ngid = root\nuse chroot = no\n[shared]\npath = %s\n' "$work/server/shared" >"$work/rsyncd.conf"
  start_in_host 1 rsync --daemon --no-detach --port=8730 --config="$work/rsyncd.conf" >"$work/rsync.log" 2>&1
  wait_until 10 listening 1 8730
fi

# Both files are hashed and offered before anything is measured.
offered() { (cd "$work/client" && in_host 2 "$P2PPEER" -C "$work/client" list --from "$server" --json) >"$work/offer" && grep -q '"small"' "$work/offer" && grep -q '"big"' "$work/offer"; }
wait_until 120 offered

by_p2ppeer() {
  rm -rf "$work/client"
  mkdir "$work/client"
  timed in_host 2 "$P2PPEER" -C "$work/client" get "$file" --from "$server" -q
  assert_same "$work/server/shared/$file" "$work/client/downloads/$file"
  rm -rf "$work/client"
}
by_curl() {
  rm -f "$work/got/$file"
  timed in_host 2 curl --silent --fail --output "$work/got/$file" "http://$server:8000/$file"
  rm "$work/got/$file"
}
curl_and_sum() {
  in_host 2 curl --silent --fail --output "$work/got/$file" "http://$server:8000/$file" && sha256sum "$work/got/$file"
}
by_curl_and_sum() {
  rm -f "$work/got/$file"
  timed curl_and_sum
  rm "$work/got/$file"
}
by_rsync() {
  rm -f "$work/got/$file"
  timed in_host 2 rsync --whole-file "rsync://$server:8730/shared/$file" "$work/got/$file"
  rm "$work/got/$file"
}

file=big
contender "p2ppeer get" "$P2PPEER" by_p2ppeer
contender "rsync daemon -W" rsync by_rsync
contender "curl from nginx" nginx by_curl
contender "curl, then sha256sum" nginx by_curl_and_sum
compare "$BENCH_MIB MiB, one to one, unshaped" "<= 1.0 x rsync"

lan_shape 1 100mbit
lan_shape 2 100mbit
file=small
contender "p2ppeer get" "$P2PPEER" by_p2ppeer
contender "curl from nginx" nginx by_curl
contender "rsync daemon -W" rsync by_rsync
compare "64 MiB, one to one, 100 Mbit/s" "<= 1.02 x curl from nginx"
