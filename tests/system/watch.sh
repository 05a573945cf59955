#!/bin/bash
# SPDX-License-Identifier: MIT
# `peers --watch`, `list --watch` and `search --watch`, through a peer that serves and by a peer of their own: what is there
# comes first, then what changes: a peer that leaves, one that is killed, a file that appears and disappears. Each ends
# well at a signal, or when nobody reads it any more. On a terminal it is a table.
. "$(dirname "$0")/lib.sh"
need tmux jq
lan_up 3
mkdir -p "$work"/{one,two,three}/shared "$work/own"
echo "from one" >"$work/one/shared/from-one.txt"
echo "from two" >"$work/two/shared/from two.txt"
serve_in_host 1 "$work/one"
serve_in_host 2 "$work/two" --name second
two=$started
serve_in_host 3 "$work/three" --name third
three=$started

# watch NAME HOME CMD...: one in the background on host 1; what it prints is in NAME.out.
declare -A watcher
watch() {
  start_in_host 1 "$P2PPEER" -C "$work/$2" "${@:3}" >"$work/$1.out" 2>"$work/$1.log"
  watcher[$1]=$started
}
told() { grep -qE -e "$2" "$work/$1.out"; }
for home in one own; do
  watch "peers-$home" "$home" peers --watch
  watch "json-$home" "$home" peers --watch --json
  watch "files-$home" "$home" list --watch --json
done
watch search one search TWO --watch
watch lines own list --watch

# What is there.
for home in one own; do
  wait_until 30 told "peers-$home" '^added    10\.77\.0\.2:12345  second'
  wait_until 30 told "peers-$home" '^added    10\.77\.0\.3:12345  third'
  wait_until 30 told "json-$home" '^\{"event":"peer_added","endpoint":"10\.77\.0\.2:12345","name":"second","node":"[0-9a-f]{64}","state":"connected"'
  wait_until 30 told "files-$home" '^\{"event":"file_added","path":"from two.txt","id":"p2p:[0-9a-f]+:9"'
done
wait_until 30 told files-own '"file_added","path":"from-one.txt"'
wait_until 30 told search '^added    from two\.txt  9 B  [0-9a-f]{12}  1 peer$'
wait_until 30 told lines '^added    from-one\.txt  9 B  '

# A file appears at one more peer, and disappears.
cp "$work/two/shared/from two.txt" "$work/three/shared/"
echo new >"$work/three/shared/new.txt"
for home in one own; do
  wait_until 30 told "files-$home" '"file_added","path":"new.txt".*"providers_count":1'
  wait_until 30 told "files-$home" '"file_changed","path":"from two.txt".*"providers_count":2'
  wait_until 30 told "json-$home" '"peer_changed",.*"name":"third",.*"files":2'
done
wait_until 30 told search '^changed  from two\.txt .*  2 peers$'
rm "$work/three/shared/new.txt"
for home in one own; do wait_until 30 told "files-$home" '"file_removed","path":"new.txt"'; done
wait_until 30 told lines '^removed  new\.txt '
! told search new.txt || fail "search tells of other files"

# On a terminal: a table as wide and as high as that, without what is gone.
# A line that is too long for it counts as two.
rows() { tm capture-pane -p -t 0 | sed 's/ *$//; /^$/d'; }
shows_row() { rows | grep -E -e "$1" >/dev/null; }
terminal 1 60 12 "'$P2PPEER' -C '$work/one' peers --watch"
wait_until 30 shows_row '^10\.77\.0\.3:12345  third +1  connected'
assert_match "$(rows | head -n 1)" '^ENDPOINT +NAME +FILES +STATE'
assert_equal "$(rows | wc -l)" 3 "lines of the table"
shows_row '^10\.77\.0\.2:12345  second +1  connected' || fail "the second is missing"

# A peer that leaves, and one that is killed, with their files.
stop_and_wait "$two"
for home in one own; do
  wait_until 30 told "peers-$home" '^removed  10\.77\.0\.2:12345  second$'
  wait_until 30 told "files-$home" '"file_changed","path":"from two.txt".*"providers_count":1'
done
stop_and_wait "$three" KILL || true
for home in one own; do
  wait_until 100 told "peers-$home" '^removed  10\.77\.0\.3:12345  third$'
  wait_until 100 told "json-$home" '"peer_removed",.*"name":"third"'
  wait_until 100 told "files-$home" '"file_removed","path":"from two.txt"'
done
wait_until 30 shows_row '^no peer is here yet$'
assert_equal "$(rows | wc -l)" 1 "lines of the table"
serve_in_host 2 "$work/two" --name second
wait_until 60 shows_row '^10\.77\.0\.2:12345  second +1  connected'
tm resize-window -x 40 -y 12
wait_until 30 shows_row '^10\.77\.0\.2:12345  second.* connected$'
assert_equal "$(rows | wc -l)" 2 "lines of the narrow table"
type_keys C-c
wait_until 30 shows_row '^(\^C)?exit status 0$'

# More rows than the terminal has.
for ((i = 10; i < 40; i++)); do echo "$i" >"$work/two/shared/many-$i"; done
terminal 1 60 12 "'$P2PPEER' -C '$work/one' list --watch"
wait_until 60 shows_row '^and 22 more$'
assert_equal "$(rows | wc -l)" 11 "lines of the table"
rm "$work"/two/shared/many-3*
wait_until 60 shows_row '^and 12 more$'
assert_equal "$(rows | wc -l)" 11 "lines of the table"
type_keys C-c
wait_until 30 shows_row '^(\^C)?exit status 0$'

# Every line of JSON is an object with its event.
for name in json-one json-own files-one files-own; do
  jq -e 'select(.event | test("^(peer|file)_(added|changed|removed)$") | not)' "$work/$name.out" >"$work/odd" || true
  assert_equal "$(<"$work/odd")" "" "other lines of $name"
done

# Signals end it well, and so does a reader who has enough, at once.
for signal in INT TERM; do
  for home in one own; do
    name=$([[ $signal == INT ]] && echo peers || echo files)-$home
    stop_and_wait "${watcher[$name]}" "$signal"
    assert_equal "$stopped_status" 0 "status of $name after SIG$signal"
    assert_equal "$(<"$work/$name.log")" "" "what $name complains of"
  done
done
for home in one own; do
  (
    status=0
    in_host 1 timeout 100 "$P2PPEER" -C "$work/$home" peers --watch 2>"$work/pipe-$home.log" || status=$?
    echo "$status" >"$work/pipe-$home.status"
  ) | head -n 1 >"$work/pipe-$home.out"
  assert_match "$(<"$work/pipe-$home.out")" '^added    10\.77\.0'
  wait_until 30 test -s "$work/pipe-$home.status"
  assert_equal "$(<"$work/pipe-$home.status")" 0 "status where nobody reads"
done
assert_status 1 in_host 1 "$P2PPEER" -C "$work/one" peers --watch >/dev/full 2>"$work/full.log"
assert_contains "$work/full.log" "write to standard output: No space left on device"

# The peer that it goes through ends: that is said.
in_host 1 "$P2PPEER" -C "$work/one" stop
for name in json-one search; do
  assert_status 1 wait "${watcher[$name]}"
  if [[ $name == search ]]; then assert_contains "$work/search.log" "the running peer has ended"; fi
done
assert_match "$(tail -n 1 "$work/json-one.out")" '"event":"error"'
