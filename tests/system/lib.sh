# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every system test sources first:
#
#   . "$(dirname "$0")/lib.sh"
#   lan_up 2
#   start_in_host 1 "$P2PPEER" -C "$work/one" serve >"$work/one.log" 2>&1
#   wait_until 5 in_host 2 "$P2PPEER" -C "$work/two" ...
#
# A test is silent but for notes, and ends with 0 when it passed, 77 when it cannot run here (skip), anything else when it
# failed. Any command that fails unchecked ends the test. Whatever ends it, its processes, LAN and files are removed.
# Tests run several at a time and on slow machines: wait for conditions (wait_until), never for a time, and assert none.

set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# The programs under test; BIN is where the variant's are built.
P2PSCAN=$root/${BIN:-build}/p2pscan
P2PPEER=$root/${BIN:-build}/p2ppeer
P2PDNS=$root/${BIN:-build}/p2pdns
export P2PSCAN P2PPEER P2PDNS
# Where the programs of tests/lab are built.
LAB=$root/${BIN:-build}/lab
# shellcheck disable=SC2034  # read by tests
[[ ${BIN:-build} != build ]] || LAB=$root/build/release/lab

# shellcheck source=tools/virtual-lan.sh
. "$root/tools/virtual-lan.sh"

# A folder of the test's own, which is removed in the end; on tmpfs or disk as TMPDIR says.
work=$(mktemp -d)
started=0  # the pid of what start or start_in_host started last
started_pids=()
terminals=0  # how many there were

finish() {
  local status=$? pid
  trap - EXIT ERR INT TERM
  if ((terminals)); then end_terminal "$status"; fi
  for pid in "${started_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  lan_down
  for pid in "${started_pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if ((status != 0 && status != 77)); then show_logs; fi
  # What a test mounted in its folder.
  awk -v under="$work/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 129' INT TERM
trap 'echo "${BASH_SOURCE[0]}:$LINENO: failed with status $?: $BASH_COMMAND" >&2' ERR

# The logs that a failed test left in its folder.
show_logs() {
  local log
  for log in "$work"/*.log; do
    [[ -s $log ]] || continue
    echo "--- ${log##*/}" >&2
    tail -n 40 "$log" >&2
  done
}

# fail MESSAGE: ends the test. Inside a subshell it ends that, and the test with it unless its status is checked.
fail() {
  local frame=1
  trap - ERR
  while [[ ${BASH_SOURCE[frame]-} == */lib.sh ]]; do frame=$((frame + 1)); done
  echo "${BASH_SOURCE[frame]-}:${BASH_LINENO[frame - 1]}: $*" >&2
  exit 1
}

# note TEXT: something worth knowing, such as a measured time, that tests/system/run shows when the test has passed.
note() { echo "note: $*"; }

# skip REASON: this test cannot run here.
skip() {
  echo "skipped: $*" >&2
  exit 77
}

# need COMMAND...: skips the test where one of them is not installed.
need() {
  local command
  for command in "$@"; do command -v "$command" >/dev/null || skip "$command is not installed"; done
}

# in_host K CMD...: runs CMD on host K; its status is CMD's. CMD is a program, not a shell function.
in_host() {
  local host=$LAN_NAME-$1
  shift
  ip netns exec "$host" "$@"
}

# start CMD...: runs CMD in the background; $started is its pid. Redirect the call to keep the output.
start() {
  "$@" &
  started=$!
  started_pids+=("$started")
}

# start_in_host K CMD...: the same on host K.
start_in_host() {
  local host=$LAN_NAME-$1
  shift
  start ip netns exec "$host" "$@"
}

# stop_and_wait PID [SIGNAL]: ends something that was started; its exit status is left in $stopped_status.
# shellcheck disable=SC2034  # read by tests
stop_and_wait() {
  kill -"${2:-TERM}" "$1"
  stopped_status=0
  wait "$1" || stopped_status=$?
}

# wait_until SECONDS CMD...: tries CMD until it succeeds; fails the test when it has not after SECONDS.
wait_until() {
  local seconds=$1 deadline
  shift
  deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS <= deadline)) || fail "not within $seconds s: $*"
    sleep 0.05
  done
}

# listening K PORT: true when something on host K listens on the TCP port.
listening() { in_host "$1" ss -Hltn "sport = :$2" | grep -q .; }

# assert_status WANT CMD...: CMD must end with that exit status.
assert_status() {
  local want=$1 status=0
  shift
  "$@" || status=$?
  ((status == want)) || fail "exit status $status, not $want: $*"
}

# assert_equal GOT WANT [WHAT]
assert_equal() { [[ $1 == "$2" ]] || fail "${3:-value} is '$1', not '$2'"; }

# assert_match TEXT REGEX [WHAT]: an extended regular expression.
assert_match() { [[ $1 =~ $2 ]] || fail "${3:-text} does not match '$2': $1"; }

# assert_contains FILE TEXT: the file has a line that holds TEXT.
assert_contains() { grep -qF -e "$2" "$1" || fail "${1##*/} does not contain '$2':"$'\n'"$(tail -n 20 "$1")"; }

# assert_no_line FILE TEXT: no line of the file holds TEXT.
assert_no_line() { ! grep -qF -e "$2" "$1" || fail "${1##*/} contains '$2': $(grep -F -m1 -e "$2" "$1")"; }

# assert_same FILE FILE
assert_same() { cmp "$1" "$2" >&2 || fail "$1 and $2 differ"; }

# random_file PATH BYTES: makes a file of unpredictable content.
random_file() { head -c "$2" /dev/urandom >"$1"; }

# serve_in_host K HOME [OPTION...]: starts a peer that serves from HOME on host K, and waits until it can be asked; $started
# is its pid. Its log is HOME's name with .log in $work.
serve_in_host() {
  local host=$1 home=$2
  shift 2
  start_in_host "$host" "$P2PPEER" -C "$home" serve "$@" >>"$work/${home##*/}.log" 2>&1
  wait_until 30 in_host "$host" "$P2PPEER" -C "$home" status
}

# lists K HOME TEXT [OPTION...]: true when what the peer in HOME on host K lists has a line that holds TEXT.
lists() {
  local host=$1 home=$2 text=$3
  shift 3
  in_host "$host" "$P2PPEER" -C "$home" list --json "$@" 2>/dev/null | grep -F -e "$text" >/dev/null
}

# json_field FILE EVENT FIELD: the field of the last such event in a file of JSON lines; empty when there is none.
json_field() { sed -nE '/"event":"'"$2"'"/s/.*"'"$3"'":("[^"]*"|[^,}]*).*/\1/p' "$1" | tail -n 1 | tr -d '"'; }

# fetched_some FILE [BYTES]: true when the JSON lines of a get tell of BYTES (1) verified bytes or more.
fetched_some() {
  local got
  got=$(json_field "$1" progress done)
  ((${got:-0} >= ${2:-1}))
}

# A terminal: a tmux with one window, of which a test has one at a time. Needs tmux.

# terminal K COLUMNS ROWS COMMAND: a new one, instead of the one before, in which a shell runs COMMAND on host K and then
# says "exit status N".
terminal() {
  if ((terminals)); then tm kill-server 2>/dev/null || true; fi
  # A server each: one that was killed may still be about to end.
  terminals=$((terminals + 1))
  tm new-session -d -x "$2" -y "$3" "ip netns exec $LAN_NAME-$1 $4; echo \"exit status \$?\"; sleep 600"
}

# tm COMMAND...: tmux itself.
tm() { tmux -L "$LAN_NAME-$terminals" -f /dev/null "$@"; }

# type_keys KEY..., type_text TEXT: keys by their names in tmux(1), and text as it is.
type_keys() { tm send-keys -t 0 "$@"; }
type_text() { tm send-keys -t 0 -l -- "$1"; }

# screen: what the terminal shows; a line that was broken because it is too long for it is one.
screen() { tm capture-pane -p -J -t 0 | sed 's/ *$//'; }

# shows TEXT: true while a line of the terminal holds it.
shows() { screen | grep -F -e "$1" >/dev/null; }

# end_terminal STATUS: what it showed when the test failed goes to its logs.
end_terminal() {
  if (($1)); then screen >"$work/screen.log" 2>&1 || true; fi
  tm kill-server 2>/dev/null || true
}
