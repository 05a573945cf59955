#!/bin/bash
# SPDX-License-Identifier: MIT
# A crowd of connections when descriptors run out (T15), and when those left are beyond what select() can watch (T14): the
# peer waits without spinning, and serves again as soon as the crowd is gone.
. "$(dirname "$0")/lib.sh"
hostile=$root/tests/system/hostile_peer.py
[[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
lan_up 3
mkdir -p "$work/one/shared" "$work/three"
random_file "$work/one/shared/big.bin" 3000001
lan_address 1 >"$work/three/peers.txt"
sources=()
for ((i = 50; i < 60; i++)); do
  ip -n "$LAN_NAME-2" address add "$LAN_NET.$i/24" dev eth0
  sources+=("$LAN_NET.$i")
done

descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
# Clock ticks of all its threads so far.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
gets() {
  rm -f "$work/three/downloads/big.bin"
  in_host 3 "$P2PPEER" -C "$work/three" get big.bin >"$work/get.out" 2>"$work/get.log"
}
ready() { in_host 1 "$P2PPEER" -C "$work/one" status; }
stop_serving() {
  in_host 1 "$P2PPEER" -C "$work/one" stop >/dev/null
  assert_status 0 wait "$serving"
}

# withstands: while a crowd holds all descriptors that $serving has left, it idles; afterwards it serves.
withstands() {
  local crowd before
  wait_until 60 gets
  start_in_host 2 /usr/bin/python3 "$hostile" attack crowd "$(lan_address 1)" "${sources[@]}" >"$work/crowd.out" \
    2>"$work/crowd.log"
  crowd=$started
  wait_until 60 grep "no more connections are accepted" "$work/one.log"
  wait_until 60 grep holding "$work/crowd.out"
  before=$(ticks "$serving")
  sleep 3
  # Of the 300 ticks of one processor; a loop that spins takes nearly all of them.
  (($(ticks "$serving") - before < 100)) || fail "it took $(($(ticks "$serving") - before)) ticks to do nothing"
  kill -0 "$serving" || fail "it is gone"
  stop_and_wait "$crowd"
  wait_until 60 gets
  assert_same "$work/one/shared/big.bin" "$work/three/downloads/big.bin"
}

serve_in_host 1 "$work/one"
serving=$started
wait_until 60 gets
needs=$(descriptors "$serving")
stop_serving

start_in_host 1 bash -c "ulimit -n $((needs + 12)) && exec \"\$@\"" serve "$P2PPEER" -C "$work/one" serve >"$work/one.log" 2>&1
serving=$started
wait_until 30 ready
withstands
stop_serving

# with_descriptors COUNT CMD...: CMD with so many taken before it begins; there may be thousands.
cat >"$work/with_descriptors.py" <<'END'
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (min(20000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
for fd in range(3, int(sys.argv[1])):
    os.dup2(0, fd)
os.execv(sys.argv[2], sys.argv[2:])
END
with_descriptors=(/usr/bin/python3 "$work/with_descriptors.py")
start_in_host 1 "${with_descriptors[@]}" $((1024 - needs - 12)) "$P2PPEER" -C "$work/one" serve >"$work/one.log" 2>&1
serving=$started
wait_until 30 ready
withstands
stop_serving

# No descriptor that could be watched is left at all: it says so and ends.
assert_status 1 in_host 1 timeout 20 "${with_descriptors[@]}" 1100 "$P2PPEER" -C "$work/one" serve 2>"$work/one.log"
assert_contains "$work/one.log" "Too many open files"
