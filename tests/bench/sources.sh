#!/bin/bash
# SPDX-License-Identifier: MIT
# Many to one: four hosts of 100 Mbit/s to one of 400, then with a fifth of 5 Mbit/s. The bound is what the four can send
# together: a quarter of the file by curl from one of them. Against aria2c, which takes parts of a file from several
# servers.
. "$(dirname "$0")/lib.sh"
length=$((${BENCH_SOURCES_MIB:-256} << 20))
lan_up 6
for k in 1 2 3 4; do lan_shape "$k" 100mbit; done
lan_shape 5 5mbit
lan_shape 6 400mbit
mkdir -p "$work/files/shared" "$work/client" "$work/got"
random_file "$work/files/shared/image" "$length"
head -c $((length / 4)) "$work/files/shared/image" >"$work/files/quarter"

urls=()
for k in 1 2 3 4 5; do
  mkdir "$work/$k"
  ln "$work/files/shared/image" "$work/$k/image"
  mkdir "$work/$k/shared"
  ln "$work/files/shared/image" "$work/$k/shared/image"
  start_in_host "$k" "$P2PPEER" -C "$work/$k" serve >"$work/$k/log" 2>&1
  if command -v nginx >/dev/null; then
    cat >"$work/$k/nginx.conf" <<END
daemon off; user root; pid $work/$k/nginx.pid; error_log $work/$k/nginx.log; worker_processes 1;
events {}
http { access_log off; sendfile on; server { listen $(lan_address "$k"):8000; root $work/files; } }
END
    start_in_host "$k" nginx -c "$work/$k/nginx.conf" -e "$work/$k/nginx.log"
    wait_until 10 listening "$k" 8000
  fi
done
# All have hashed the file before anything is measured.
offered() { in_host 6 "$P2PPEER" -C "$work/client" list --from "$1" --json >"$work/offer" 2>/dev/null && grep -q '"image"' "$work/offer"; }
for k in 1 2 3 4 5; do wait_until 60 offered "$(lan_address "$k")"; done

# ours and aria2c fetch from the first $sources hosts.
by_p2ppeer() {
  local k from=()
  for ((k = 1; k <= sources; k++)); do from+=(--from "$(lan_address "$k")"); done
  rm -rf "$work/client"
  timed in_host 6 "$P2PPEER" -C "$work/client" get image "${from[@]}" -q
  assert_same "$work/files/shared/image" "$work/client/downloads/image"
}
by_aria2c() {
  local k
  urls=()
  for ((k = 1; k <= sources; k++)); do urls+=("http://$(lan_address "$k"):8000/shared/image"); done
  rm -f "$work/got/"*
  timed in_host 6 aria2c --quiet --no-conf --dir "$work/got" --out image --split "$sources" \
    --max-connection-per-server 1 --min-split-size 1M --file-allocation none "${urls[@]}"
  assert_same "$work/files/shared/image" "$work/got/image"
}
by_curl() { timed in_host 6 curl --silent --fail --output "$work/got/quarter" "http://$(lan_address 1):8000/quarter"; }

sources=4
contender "p2ppeer get" "$P2PPEER" by_p2ppeer
contender "curl, a quarter from one" nginx by_curl
contender "aria2c" aria2c by_aria2c
compare "$((length >> 20)) MiB, four of 100 Mbit/s to one of 400" ">= 95 % of the sum: <= 1.05 x curl, a quarter from one"

sources=5
contender "p2ppeer get" "$P2PPEER" by_p2ppeer
contender "curl, a quarter from one" nginx by_curl
contender "aria2c" aria2c by_aria2c
compare "$((length >> 20)) MiB, the same and a fifth of 5 Mbit/s" "at most 3 % more than without it"
