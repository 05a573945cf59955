#!/bin/bash
# SPDX-License-Identifier: MIT
# The command of a get or a push that a serving peer carries out is stopped: without a terminal the peer goes on, which is
# said; on a terminal it is asked whether to cancel it, and a second Ctrl-C leaves at once.
. "$(dirname "$0")/lib.sh"
need tmux jq
lan_up 2
mkdir -p "$work"/{one,two}/shared
random_file "$work/one/shared/big.bin" 20000001
random_file "$work/pushed.bin" 3000001
serve_in_host 1 "$work/one" --accept-push --limit 300K
serve_two() {
  serve_in_host 2 "$work/two"
  serving_two=$started
}
# What goes on is put down.
serve_anew() {
  in_host 2 "$P2PPEER" -C "$work/two" stop
  wait "$serving_two"
  serve_two
  fetches_nothing || fail "it is fetched after a restart"
}
serve_two
wait_until 30 lists 2 "$work/two" big.bin
two() { in_host 2 "$P2PPEER" -C "$work/two" "$@"; }
status_of() { two status --json | jq -r "select(.event == \"$1\") | .path"; }
fetches() { [[ $(status_of fetching) == downloads/big.bin ]]; }
fetches_nothing() { [[ -z $(status_of fetching) ]]; }
receives() { in_host 1 "$P2PPEER" -C "$work/one" status --json | jq -es 'any(.event == "fetching" and .done > 0)'; }
receives_nothing() { in_host 1 "$P2PPEER" -C "$work/one" status --json | jq -es '.[0].transfers == 0'; }
goes_on="the running peer goes on with the"
say_how="to see how far it is: p2ppeer -C $work/two status"

# No terminal: each signal leaves it running.
for signal in INT TERM; do
  start_in_host 2 "$P2PPEER" -C "$work/two" get --json big.bin >"$work/get.out" 2>"$work/get.log"
  wait_until 60 fetched_some "$work/get.out"
  stop_and_wait "$started" "$signal"
  assert_equal "$stopped_status" 130 "exit status after SIG$signal"
  assert_equal "$(<"$work/get.log")" "p2ppeer: $goes_on download; $say_how" "what is said"
  fetches || fail "SIG$signal ended the download"
  serve_anew
done

# A terminal.
begin() { terminal 2 120 20 "'$P2PPEER' -C '$work/two' $*"; } # begin CMD...: on a terminal of its own
question="cancel the download too? [y/N]"

# Asked, and left running: by no, by the second Ctrl-C. The progress line makes way, and the answer ends the line.
begin get big.bin
wait_until 60 fetches
type_keys C-c
wait_until 30 shows "$question"
type_keys n Enter
wait_until 30 shows "$goes_on download; $say_how"
wait_until 30 shows "exit status 130"
fetches || fail "no ended the download"
serve_anew
begin get big.bin
wait_until 60 fetches
type_keys C-c
wait_until 30 shows "$question"
type_keys C-c
wait_until 30 shows "exit status 130"
shows "$goes_on download" || fail "it is not said"
fetches || fail "the second Ctrl-C ended the download"
serve_anew

# In the background of the terminal, and by another signal, nothing is asked.
begin "get big.bin & wait \$!"
wait_until 30 fetches
pid() { pgrep -f -n "^$P2PPEER -C $work/two get big.bin"; }
wait_until 30 pid
kill -TERM "$(pid)"
wait_until 30 shows "$goes_on download; $say_how"
! shows "$question" || fail "it was asked"
fetches || fail "SIGTERM ended the download"

# Asked, and cancelled.
serve_anew
begin get big.bin
wait_until 60 fetches
type_keys C-c
wait_until 30 shows "$question"
type_keys y Enter
wait_until 30 shows "exit status 1"
! shows "exit status 130" || fail "it was left running"
wait_until 30 fetches_nothing
[[ ! -e $work/two/downloads/big.bin ]] || fail "it was fetched whole"

# A push: it goes on, and with y it is over for the receiver as well.
start_in_host 2 "$P2PPEER" -C "$work/two" push "$work/pushed.bin" --to 10.77.0.1 >"$work/push.out" 2>"$work/push.log"
wait_until 60 receives
stop_and_wait "$started" INT
assert_equal "$stopped_status" 130 "exit status of a push"
assert_equal "$(<"$work/push.log")" "p2ppeer: $goes_on push; $say_how" "what is said of a push"
[[ $(status_of sending) == *pushed.bin ]] || fail "the push has ended: $(two status --json)"
arrived() { cmp "$work/pushed.bin" "$work/one/downloads/pushed.bin"; }
wait_until 100 arrived
random_file "$work/more.bin" 20000001
begin push "$work/more.bin --to 10.77.0.1"
wait_until 60 receives
type_keys C-c
wait_until 30 shows "cancel the push too? [y/N]"
type_keys y Enter
wait_until 30 shows "exit status 1"
! shows "exit status 130" || fail "the push was left running"
wait_until 30 receives_nothing
