#!/bin/bash
# SPDX-License-Identifier: MIT
# What hinders a peer at its start is said, with what to do about it; and lost output is a failure.
. "$(dirname "$0")/lib.sh"
lan_up 2
mkdir -p "$work"/{one,two}/shared "$work/three"
serve_in_host 1 "$work/one"
lan_address 1 >"$work/three/peers.txt"
peer() { in_host "$1" "$P2PPEER" -C "$work/$2" "${@:3}" >"$work/out" 2>"$work/err"; }

# A home that is served from, and a port that is taken.
assert_status 1 peer 1 one serve
assert_contains "$work/err" "already; to stop it: p2ppeer -C $work/one stop"
assert_status 1 peer 1 two serve
assert_contains "$work/err" "bind 0.0.0.0:12345: Address already in use; "
assert_contains "$work/err" "--listen ADDR:PORT"
assert_status 1 peer 1 two serve --listen 10.77.0.1:12345
assert_contains "$work/err" "--listen ADDR:PORT"

# A home that may not be written to.
# Everything is reached from the current folder, as the folders above it may be closed to the other user.
mkdir -m 755 "$work/theirs"
install -m 755 "$P2PPEER" "$work/theirs/p2ppeer"
nobody() { (cd "$work/theirs" && in_host 2 setpriv --reuid 65534 --regid 65534 --clear-groups ./p2ppeer "$@") >"$work/out" 2>"$work/err"; }
assert_status 1 nobody -C . serve
assert_contains "$work/err" "/shared: Permission denied; name a home that you may write to with -C"
assert_status 1 nobody -C . get file
assert_contains "$work/err" "/downloads: Permission denied; name a home that you may write to with -C"
# Who only asks writes nothing.
assert_status 0 nobody -C . list
assert_contains "$work/err" "nothing is offered yet"

# A peer list that is not there, by the name that was given.
assert_status 1 peer 2 three list --peers "$work/nowhere/list.txt"
assert_contains "$work/err" "$work/nowhere"
assert_status 1 peer 2 three list --peers "$work/list.txt"
assert_contains "$work/err" "$work/list.txt: No such file"
assert_status 2 peer 2 three list --from :4711
assert_status 2 peer 2 three list --from "[::1"

# Who is there but offers nothing, and who is not there.
assert_status 0 peer 2 three list
assert_contains "$work/err" "1 peer was reached, but nothing is offered yet"
assert_status 5 peer 2 three list --from 10.77.0.2
assert_contains "$work/err" "no peer was reached at 10.77.0.2:12345: Connection refused"

# An empty folder is no file, and to fetch one is to make it.
mkdir "$work/one/shared/empty"
fetched_folder() { peer 2 three get empty; }
wait_until 30 fetched_folder
[[ -d $work/three/downloads/empty ]] || fail "the folder was not made"
assert_contains "$work/out" "downloads/empty  empty folder"
assert_equal "$(<"$work/err")" "" "what is said of an empty folder"
assert_status 0 peer 2 three peers --json
assert_equal "$(json_field "$work/out" peer files)" 0 "files of a peer that offers a folder"
assert_status 0 peer 1 one status --json
assert_equal "$(json_field "$work/out" status shared_files)" 0 "files that it shares"

# Names beyond what one request to the serving peer holds are asked for by the command itself.
mapfile -t many < <(for ((i = 0; i < 300; i++)); do printf 'p2p:%064d:5\n' "$i"; done)
assert_status 4 peer 1 one get "${many[@]}"
assert_equal "$(grep -c "nobody offers" "$work/err")" 300 "names that nobody offers"

# What is no place for a file.
mkfifo "$work/pipe"
for place in /dev/null "$work/pipe"; do
  assert_status 2 peer 2 three get file -o "$place"
  assert_contains "$work/err" "-o: '$place' is neither a file nor a folder"
done

# When one has stopped, the next can begin.
for ((i = 0; i < 5; i++)); do
  assert_status 0 peer 1 one stop
  start_in_host 1 "$P2PPEER" -C "$work/one" serve >"$work/again.log" 2>&1
  wait_until 30 in_host 1 "$P2PPEER" -C "$work/one" status
  kill -0 "$started" || fail "another one did not start"
done

# Output that is lost, for want of space or of a standard output, is a failure; a reader who has enough is none.
echo "data" >"$work/one/shared/file"
wait_until 30 lists 2 "$work/three" '"file"'
full() { in_host 2 "$P2PPEER" -C "$work/three" "$@" 2>"$work/err" >/dev/full; }
closed() { in_host 2 bash -c 'exec "$0" "$@" >&-' "$P2PPEER" -C "$work/three" "$@" 2>"$work/err"; }
for command in list peers "get file" "id $work/one/shared/file"; do
  # shellcheck disable=SC2086  # words
  assert_status 1 full $command
  assert_contains "$work/err" "write to standard output: No space left on device"
  # shellcheck disable=SC2086  # words
  assert_status 1 closed $command
  assert_contains "$work/err" "write to standard output: Bad file descriptor"
done
(trap '' PIPE; in_host 2 "$P2PPEER" -C "$work/three" list 2>"$work/err"; echo $? >"$work/status") | true
assert_equal "$(<"$work/status")" 0 "status where nobody reads"
assert_equal "$(<"$work/err")" "" "what is said where nobody reads"
