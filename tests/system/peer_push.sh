#!/bin/bash
# SPDX-License-Identifier: MIT
# One peer pushes files and folders to others: each has all under the same paths, the pusher sends it about once, the same
# push again moves next to nothing. Receivers that refuse, have no room or die do not hold up the others, and the exit
# status tells. Through a peer that serves it is the same.
. "$(dirname "$0")/lib.sh"
lan_up 4
mkdir -p "$work"/{one,two,three,four}/shared "$work/from/tree/deep/er" "$work/from/tree/empty" "$work/here"
random_file "$work/from/big.bin" 40000003
random_file "$work/from/tree/deep/er/a.bin" 300001
for i in {1..200}; do echo "file $i" >"$work/from/tree/file $i.txt"; done
cp "$work/from/tree/deep/er/a.bin" "$work/from/tree/the same.bin"
: >"$work/from/tree/nothing"
chmod 700 "$work/from/tree/file 1.txt"
chmod 400 "$work/from/tree/file 2.txt"
touch -d 2001-02-03T04:05:06Z "$work/from/tree/file 3.txt"
ln -s /etc/passwd "$work/from/tree/link"
mkfifo "$work/from/tree/pipe"
echo secret >"$work/from/tree/.hidden"

push() { # push HOME WHAT... : from host 4; its lines are left in push.out
  local home=$1
  shift
  in_host 4 "$P2PPEER" -C "$work/$home" push --json "$@" >"$work/push.out" 2>"$work/push.log"
}
result() { # result HOST FIELD
  grep '"event":"receiver"' "$work/push.out" | grep -F "\"peer\":\"10.77.0.$1:" |
    sed -nE 's/.*"'"$2"'":("[^"]*"|[^,}]*).*/\1/p' | tr -d '"'
}
serve_in_host 1 "$work/one" --accept-push
one=$started
serve_in_host 2 "$work/two" --accept-push=1G
serve_in_host 3 "$work/three"
three=$started

# One receiver accepts no pushes: the others have the file all the same.
assert_status 3 push here "$work/from/big.bin" --to all
for host in one two; do assert_same "$work/from/big.bin" "$work/$host/downloads/big.bin"; done
[[ ! -e $work/three/downloads/big.bin ]] || fail "a peer that accepts no pushes has the file"
assert_equal "$(result 3 state)" refused "state of the one that refuses"
assert_equal "$(result 1 state)" done "state of the first"
assert_equal "$(json_field "$work/push.out" summary exit)" 3 "exit in the summary"

# T26: the same again is there, and moves next to nothing; with a wrong name in --to it is some.
assert_status 0 push here "$work/from/big.bin" --to 10.77.0.1,10.77.0.2:12345
for host in 1 2; do
  assert_equal "$(result $host moved)" 0 "bytes moved to host $host"
  assert_equal "$(result $host there)" 1 "files that host $host had"
  (($(result $host sent) < 100000)) || fail "the second push sent $(result $host sent) bytes"
done
assert_status 1 push here "$work/from/big.bin" --to 10.77.0.3
assert_status 5 push here "$work/from/big.bin" --to 10.77.0.99
assert_status 3 push here "$work/from/big.bin" --to 10.77.0.99,10.77.0.1
assert_status 1 push here "$work/from/no such file" --to all
assert_contains "$work/push.out" "no such file"
assert_status 2 push here "$work/from/big.bin" --to all,10.77.0.1
in_host 3 "$P2PPEER" -C "$work/three" stop
wait "$three"

# A folder keeps its paths, modes and times; what is no file is left out and told.
cd "$work/from"
assert_status 0 push here tree --to all
for host in one two; do
  diff -r --exclude link --exclude pipe --exclude .hidden tree "$work/$host/downloads/tree" >&2 || fail "$host has another tree"
  [[ -d $work/$host/downloads/tree/empty ]] || fail "no empty folder"
  [[ ! -e $work/$host/downloads/tree/link && ! -e $work/$host/downloads/tree/.hidden ]] || fail "a link or hidden file came"
  assert_equal "$(stat -c %a "$work/$host/downloads/tree/file 1.txt")" 700 "mode"
  assert_equal "$(stat -c %a "$work/$host/downloads/tree/file 2.txt")" 400 "mode"
  assert_equal "$(stat -c %Y "$work/$host/downloads/tree/file 3.txt")" "$(stat -c %Y "tree/file 3.txt")" "mtime"
done
for name in link pipe; do grep '"event":"left_out"' "$work/push.out" | grep -qF "tree/$name" || fail "nothing is said of $name"; done
assert_status 0 push here tree --to all
assert_equal "$(json_field "$work/push.out" summary bytes)" 0 "bytes moved again"
cd "$root"

# T31: the quota of the second is 1 GiB; a sparse file is larger than that.
truncate -s 1100M "$work/from/huge.bin"
assert_status 3 push here "$work/from/huge.bin" --to 10.77.0.2,10.77.0.1
assert_equal "$(result 2 state)" refused "state of the one with a quota"
grep '"event":"receiver"' "$work/push.out" | grep -F 10.77.0.2 | grep -qF quota || fail "the quota is not named"
assert_equal "$(result 1 state)" done "state of the one without"
rm "$work/from/huge.bin" "$work/one/downloads/huge.bin"

# Three receivers form a swarm: the pusher sends far less than three times the file.
serve_in_host 3 "$work/three" --accept-push --limit 20M
three=$started
meet() { in_host 3 "$P2PPEER" -C "$work/three" peers --json | grep '"connected"' | grep -F "10.77.0.$1:"; }
for host in 1 2; do wait_until 60 meet $host; done
random_file "$work/from/swarm.bin" 60000001
assert_status 0 push here "$work/from/swarm.bin" --to 10.77.0.1,10.77.0.2,10.77.0.3 --limit 20M
for host in one two three; do assert_same "$work/from/swarm.bin" "$work/$host/downloads/swarm.bin"; done
sent=$(($(result 1 sent) + $(result 2 sent) + $(result 3 sent)))
((sent < 90000000)) || fail "the pusher sent $sent bytes of a file of 60000001 to three receivers"

# A receiver that is killed meanwhile has failed; the others are done. Run again, it goes on.
random_file "$work/from/more.bin" 60000001
start_in_host 4 "$P2PPEER" -C "$work/here" push --json "$work/from/more.bin" --to 10.77.0.1,10.77.0.2,10.77.0.3 --limit 10M \
  >"$work/push.out" 2>"$work/push.log"
pusher=$started
moving() { grep '"event":"receiver_progress"' "$work/push.out" | grep -F 10.77.0.3 | grep -vF '"done":0,'; }
wait_until 60 moving
kill -KILL "$three"
status=0
wait "$pusher" || status=$?
assert_equal "$status" 3 "exit status with a killed receiver"
assert_equal "$(result 3 state)" failed "state of the killed one"
for host in one two; do assert_same "$work/from/more.bin" "$work/$host/downloads/more.bin"; done
serve_in_host 3 "$work/three" --accept-push
assert_status 0 push here "$work/from/more.bin" --to all
assert_same "$work/from/more.bin" "$work/three/downloads/more.bin"

# Through a peer that serves; what is pushed need not be in its share, and is not listed by it.
serve_in_host 4 "$work/four" --no-announce
four=$started
random_file "$work/from/served.bin" 5000001
assert_status 0 push four "$work/from/served.bin" --to 10.77.0.1,10.77.0.2,10.77.0.3
for host in one two three; do assert_same "$work/from/served.bin" "$work/$host/downloads/served.bin"; done
in_host 4 "$P2PPEER" -C "$work/four" status --json >"$work/status.out"
assert_equal "$(json_field "$work/status.out" status shared_files)" 0 "files that the pusher shares"
in_host 4 "$P2PPEER" -C "$work/four" stop
wait "$four"

# To itself, by its own address and by one that only leads to it.
serve_in_host 4 "$work/four" --no-announce
four=$started
for self in 10.77.0.4 127.0.0.1; do
  assert_status 3 push four "$work/from/served.bin" --to "$self,10.77.0.1"
  grep '"event":"receiver"' "$work/push.out" | grep -F "$self:" | grep -qF "that is the peer that pushes" || fail "$self is not known as its own"
done
in_host 4 "$P2PPEER" -C "$work/four" stop
wait "$four"

# Stopped by a signal it leaves in an orderly way.
random_file "$work/from/last.bin" 60000001
moving_to_one() { grep '"event":"receiver_progress"' "$work/push.out" | grep -vF '"done":0,'; }
idle() { in_host 1 "$P2PPEER" -C "$work/one" status --json | grep -F '"transfers":0'; }
for signal in INT HUP; do
  start_in_host 4 "$P2PPEER" -C "$work/here" push --json "$work/from/last.bin" --to 10.77.0.1 --limit 1M >"$work/push.out" 2>"$work/push.log"
  pusher=$started
  wait_until 60 moving_to_one
  stop_and_wait "$pusher" "$signal"
  assert_equal "$stopped_status" 1 "exit status when stopped"
  assert_equal "$(result 1 state)" stopped "state when stopped"
  wait_until 10 idle
done
kill -0 "$one"
