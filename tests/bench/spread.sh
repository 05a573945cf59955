#!/bin/bash
# SPDX-License-Identifier: MIT
# One to many: 64 MiB to 4, 8 and 16 hosts, all links equal both ways, until the last one has it. The bound is one
# download, whatever the number (Kumar and Ross, 2006). Against multicast and BitTorrent. The links are of 100 Mbit/s, but
# of 40 Mbit/s for 16 hosts, and once for 4 to compare with: two processors cannot move more packets, and it is links that
# are to be compared.
. "$(dirname "$0")/lib.sh"
most=16 length=$((${BENCH_SPREAD_MIB:-64} << 20))
free=$(df --output=avail -m "$work" | tail -n 1)
((free >= (most + 2) * (length >> 20))) || fail "$work has $free MiB free, $(((most + 2) * (length >> 20))) are needed"

lan_up $((most + 1))
# For multicast.
for ((k = 1; k <= most + 1; k++)); do ip -n "$LAN_NAME-$k" route add 224.0.0.0/4 dev eth0; done
mkdir -p "$work/seed"
random_file "$work/seed/image" "$length"
/usr/bin/python3 "$root/tests/bench/torrent.py" make "$work/seed/image" "$work/image.torrent"
touch "$work/seed/done"
if command -v nginx >/dev/null; then
  cat >"$work/nginx.conf" <<END
daemon off; user root; pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 1;
events {}
http { access_log off; sendfile on; server { listen $(lan_address 1):8000; root $work/seed; } }
END
  start_in_host 1 nginx -c "$work/nginx.conf" -e "$work/nginx.log"
  wait_until 10 listening 1 8000
fi

# begin: hosts 2..N+1 have a fresh folder each, and what the seed sends is counted from here.
begin() {
  local k
  pids=()
  for ((k = 2; k <= receivers + 1; k++)); do
    rm -rf "${work:?}/$k"
    mkdir -p "$work/$k"
  done
}
sent_by_seed() { in_host 1 cat /sys/class/net/eth0/statistics/tx_bytes; }
# end WHERE: everyone has the file, at that place of the folder; says how often the seed sent it.
end() {
  local k
  note "the seed sent $(awk -v a="$before" -v b="$(sent_by_seed)" -v f="$length" 'BEGIN { printf "%.2f", (b - a) / f }') times the file"
  for k in "${pids[@]}"; do stop_and_wait "$k" TERM; done
  for ((k = 2; k <= receivers + 1; k++)); do
    assert_same "$work/seed/image" "$work/$k/$1"
    rm -rf "${work:?}/$k"
  done
}

by_push() {
  local k hosts=""
  begin
  for ((k = 2; k <= receivers + 1; k++)); do
    start_in_host "$k" "$P2PPEER" -C "$work/$k" serve --accept-push >"$work/$k/log" 2>&1
    pids+=("$started")
    hosts+=",$(lan_address "$k")"
  done
  for ((k = 2; k <= receivers + 1; k++)); do wait_until 20 listening "$k" 12345; done
  before=$(sent_by_seed)
  timed in_host 1 "$P2PPEER" -C "$work/pusher" push "$work/seed/image" --to "${hosts#,}" -q
  end downloads/image
}
waits_for_multicast() { in_host "$1" ss -Hlun "sport = :9000" | grep -q .; }
multicast_all() {
  in_host 1 udp-sender --interface eth0 --nokbd --min-receivers "$receivers" --full-duplex --file "$work/seed/image"
  wait "${multicast_pids[@]}"
}
by_udpcast() {
  local k
  begin
  multicast_pids=()
  for ((k = 2; k <= receivers + 1; k++)); do
    in_host "$k" udp-receiver --interface eth0 --nokbd --file "$work/$k/image" >"$work/$k/log" 2>&1 &
    multicast_pids+=($!)
  done
  # The sender calls once when it starts; receivers that come later are not heard.
  for ((k = 2; k <= receivers + 1; k++)); do wait_until 10 waits_for_multicast "$k"; done
  before=$(sent_by_seed)
  timed multicast_all
  end image
}
all_done() {
  local k
  for ((k = 2; k <= receivers + 1; k++)); do
    while [[ ! -e $work/$k/done ]]; do sleep 0.01; done
  done
}
torrent_all() {
  local k other
  for ((k = 2; k <= receivers + 1; k++)); do
    local others=()
    for ((other = 1; other < k; other++)); do others+=("$(lan_address "$other")"); done
    start_in_host "$k" /usr/bin/python3 "$root/tests/bench/torrent.py" run "$work/image.torrent" "$work/$k" "${others[@]}"
    pids+=("$started")
  done
  all_done
}
by_libtorrent() {
  begin
  start_in_host 1 /usr/bin/python3 "$root/tests/bench/torrent.py" run "$work/image.torrent" "$work/seed"
  pids+=("$started")
  wait_until 10 listening 1 6881
  before=$(sent_by_seed)
  timed torrent_all
  end image
}
# The bound: nobody can have it sooner than one alone.
by_one_curl() {
  begin
  timed in_host 2 curl --silent --fail --output "$work/2/image" "http://$(lan_address 1):8000/image"
}

for row in "8 100" "4 100" "4 40" "16 40"; do
  read -r receivers rate <<<"$row"
  for ((k = 1; k <= most + 1; k++)); do lan_shape "$k" "${rate}mbit"; done
  contender "p2ppeer push" "$P2PPEER" by_push
  contender "one curl alone" nginx by_one_curl
  contender "udpcast (multicast)" udp-sender by_udpcast
  contender "libtorrent" /usr/bin/python3 by_libtorrent
  compare "$((length >> 20)) MiB, one to $receivers, $rate Mbit/s, the last one done" "<= 1.10 x one curl, the seed sends <= 1.2 times"
done
