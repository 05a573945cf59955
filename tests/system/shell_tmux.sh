#!/bin/bash
# SPDX-License-Identifier: MIT
# `p2ppeer shell` on a terminal: completion of commands and of what the network offers, notices that leave the line whole
# that is being typed, Ctrl-C, history over sessions, exit; through a peer that serves and as a peer of its own.
. "$(dirname "$0")/lib.sh"
need tmux
lan_up 2
mkdir -p "$work/one/shared/tree" "$work/two/shared" "$work/own"
random_file "$work/one/shared/a film.mkv" 300001
random_file "$work/one/shared/tree/b.bin" 100001

echo y >"$work/two/shared/other"

# The last line that is not empty is exactly this one.
last_is() { [[ $(screen | sed '/^$/d' | tail -n 1) == "$1" ]]; }

# The first peer is hashing something that takes hours.
still_hashing() { in_host 2 "$P2PPEER" -C "$work/probe" list --json 2>/dev/null | grep -F '"event":"growing"' >/dev/null; }

serve_in_host 1 "$work/one"
one=$started
# It has looked at its files.
wait_until 30 lists 2 "$work/probe" tree/b.bin

session() { # session HOME: a shell in HOME on host 2.
  local home=$work/$1
  terminal 2 100 40 "'$P2PPEER' -C '$home' shell"
  wait_until 30 last_is "p2p>"
  # A command, and a file of the network; the first TAB may come before it is known.
  type_text "sea"
  type_keys Tab
  wait_until 10 last_is "p2p> search"
  type_text "tree"
  type_keys Enter
  wait_until 30 shows "tree/b.bin"
  wait_until 10 last_is "p2p>"
  type_text "download a"
  type_keys Tab
  wait_until 20 last_is "p2p> download a\\ film.mkv"
  type_keys Enter
  wait_until 30 shows "downloads/a film.mkv  293 KiB"
  wait_until 10 last_is "p2p>"
  assert_same "$work/one/shared/a film.mkv" "$home/downloads/a film.mkv"
  # Ctrl-C drops the line.
  type_text "get z"
  wait_until 10 last_is "p2p> get z"
  type_keys C-c
  wait_until 10 last_is "p2p>"
  shows "p2p> get z^C" || fail "no ^C"

  # A peer goes and comes while a line is half typed, the cursor in the middle of it; the line stays whole.
  type_text "get tree/b.bin -o here"
  wait_until 10 last_is "p2p> get tree/b.bin -o here"
  for ((i = 0; i < 11; i++)); do type_keys Left; done
  stop_and_wait "$one"
  wait_until 30 shows "is gone]"
  wait_until 10 last_is "p2p> get tree/b.bin -o here"
  serve_in_host 1 "$work/one"
  one=$started
  wait_until 60 shows "is here]"
  wait_until 10 last_is "p2p> get tree/b.bin -o here"
  type_text "X"
  wait_until 10 last_is "p2p> get tree/b.Xbin -o here"
  type_keys C-c
  wait_until 10 last_is "p2p>"

  # Each notice has a line of its own, and nothing of the line that was typed is left over.
  screen | grep -qE '^\[10\.77\.0\.1:12345 .*is gone\]$' || fail "a torn notice"
  (($(screen | grep -cF "p2p> get tree/b") == 1)) || fail "something is left of the line that was typed"

  # Ctrl-C stops a command, not the shell. The arrow brings back what was typed.
  truncate -s 3T "$work/one/shared/large"
  wait_until 30 still_hashing
  type_text "get nowhere"
  type_keys Enter
  wait_until 10 shows "is still hashing"
  type_keys C-c
  wait_until 20 last_is "p2p>"
  rm "$work/one/shared/large"
  type_keys Up
  wait_until 10 last_is "p2p> get nowhere"
  type_keys C-c
  wait_until 10 last_is "p2p>"
}

session own
type_text "exit"
type_keys Enter
wait_until 30 shows "exit status 0"
assert_equal "$(stat -c %a "$work/own/.p2p/shell_history")" 600 "mode of the file of lines"
assert_contains "$work/own/.p2p/shell_history" "search tree"

serve_in_host 2 "$work/two" --accept-push
session two
# Something that another one fetches into the home is told; typing goes on.
type_text "half"
gets() { in_host 2 "$P2PPEER" -C "$work/two" get tree/b.bin >"$work/get.log" 2>&1; }
wait_until 30 gets
wait_until 20 shows "[downloads/b.bin was fetched"
wait_until 10 last_is "p2p> half"
type_keys C-u
wait_until 10 last_is "p2p>"
type_keys C-d
wait_until 30 shows "exit status 0"

# Lines of the session before are there.
terminal 2 100 40 "'$P2PPEER' -C '$work/two' shell"
wait_until 30 last_is "p2p>"
type_keys Up
wait_until 10 last_is "p2p> get nowhere"
type_keys C-u C-d
wait_until 30 shows "exit status 0"
