#!/bin/bash
# SPDX-License-Identifier: MIT
# `p2ppeer shell` takes commands from a pipe: each is what the command line's is, through the peer that serves from the
# home and as a peer of its own. The exit status is that of the first that failed.
. "$(dirname "$0")/lib.sh"
lan_up 2
mkdir -p "$work/one/shared/tree" "$work/two" "$work/here" "$work/probe"
random_file "$work/one/shared/a film.mkv" 3000001
random_file "$work/one/shared/tree/b.bin" 100001

random_file "$work/here/pushed.bin" 200001
serve_in_host 1 "$work/one" --accept-push
serve_in_host 2 "$work/two"
two=$started
wait_until 30 lists 2 "$work/two" "a film.mkv"

shell() { # shell HOME LINES [OPTION...]: its output is left in shell.out and shell.err.
  local home=$1 lines=$2
  shift 2
  # shellcheck disable=SC2059  # the lines are a format
  printf "$lines" | in_host 2 "$P2PPEER" -C "$work/$home" shell "$@" >"$work/shell.out" 2>"$work/shell.err"
}

for home in two here; do
  # Through the peer that serves from two; here nobody does.
  assert_status 0 shell "$home" "list\n\n# nothing\nget 'a film.mkv'\ndownload tree -o \"$work/$home-out\"\nstatus\nhistory\nhelp\n"
  assert_same "$work/one/shared/a film.mkv" "$work/$home/downloads/a film.mkv"
  assert_same "$work/one/shared/tree/b.bin" "$work/$home-out/tree/b.bin"
  assert_contains "$work/shell.out" "tree/b.bin"
  assert_contains "$work/shell.out" "up for"
  assert_contains "$work/shell.out" "search TEXT"
  assert_no_line "$work/shell.out" "p2p>"
  assert_no_line "$work/shell.out" $'\033'
  # All lines are carried out; the first that fails says how it ends. The last one needs no end.
  assert_status 4 shell "$home" 'get nowhere\nget "open\nsearch tree'
  assert_contains "$work/shell.out" "tree/b.bin"
  assert_contains "$work/shell.err" "not closed"
  assert_status 2 shell "$home" 'nonsense\nget nowhere\n'
  assert_contains "$work/shell.err" "nonsense"
  assert_status 2 shell "$home" 'list --from 10.77.0.1\n'
  assert_status 2 shell "$home" 'serve\n'
  assert_status 2 shell "$home" 'get\n'
  assert_contains "$work/shell.err" "Try: help"
  assert_status 0 shell "$home" 'exit\nnonsense\n'
  assert_status 0 shell "$home" ''
  # Nothing typed, nothing remembered.
  [[ ! -e $work/$home/.p2p/shell_history ]] || fail "lines from a pipe were kept"
done
assert_status 0 shell two "push $work/here/pushed.bin --to 10.77.0.1\nsearch film --json\n"
assert_same "$work/here/pushed.bin" "$work/one/downloads/pushed.bin"
assert_equal "$(grep '^{' "$work/shell.out" | jq -r 'select(.event == "file") | .path')" "a film.mkv"
assert_status 1 shell two 'push no-such-file --to all\n'
# A peer of its own, although one serves.
assert_status 0 shell two 'search film\nstatus --json\n' --from 10.77.0.1
assert_contains "$work/shell.out" '"shared_files"'
assert_status 5 shell two 'list\n' --from 10.77.0.99

# The serving peer ends while the shell waits for a line: the shell is a peer itself then.
mkfifo "$work/lines"
exec 3<>"$work/lines"
# What is started in the background reads nothing unless it is told to.
ip netns exec "$LAN_NAME-2" "$P2PPEER" -C "$work/two" shell <"$work/lines" >"$work/shell.out" 2>"$work/shell.log" &
pid=$!
started_pids+=("$pid")
echo "search tree" >&3
wait_until 30 grep -F tree/b.bin "$work/shell.out"
stop_and_wait "$two"
echo "search film" >&3
wait_until 30 grep -F "a film.mkv" "$work/shell.out"
assert_contains "$work/shell.log" "this is one now"
# Waiting for a line it ends in an orderly way.
stop_and_wait "$pid" TERM
exec 3>&-
assert_equal "$stopped_status" 1 "exit status after SIGTERM"
