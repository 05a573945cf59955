#!/bin/bash
# SPDX-License-Identifier: MIT
# Files with hostile names, and what is no file at all, in shared/ and downloads/: what is offered is offered safely, the
# rest is passed over, and nothing outside is read or written (T23, T24, T27, T28, T45).
. "$(dirname "$0")/lib.sh"
need python3 setpriv
lan_up 2
mkdir -p "$work"/{one/shared/{.hidden-folder,folder,swapped},two,outside}
shared=$work/one/shared
ok=("spaces  in  it.txt" "größe-日本.txt" "-starts-with-dash" "quote'\"\$(id)\`.txt" "%41%2e%2e%2f.txt" "back\\slash.txt"
  $'bidi-\u202egpj.txt' $'wide-\u200bspace.txt' "$(printf 'l%.0s' {1..255})" "con" "folder/trailing.")
bad=($'new\nline.txt' $'esc\e[31mred.txt' $'c1-\u009b31m.txt' $'bad\xff\xfe.txt' $'tab\there.txt' .hidden .hidden-folder/in-it.txt
  .p2p unreadable.txt)
for name in "${ok[@]}" "${bad[@]}"; do echo "this is $name" >"$shared/$name"; done
chmod 0 "$shared/unreadable.txt"
echo "a secret" >"$work/outside/secret.txt"
echo "not one!" >"$shared/swapped/secret.txt"
ln -s "$work/outside/secret.txt" "$shared/link.txt"
ln -s "$work/outside" "$shared/linked-folder"
ln -s /proc/self/environ "$shared/environ"
ln -s nowhere "$shared/dangling"
ln -s ../.. "$shared/folder/up"
mkfifo "$shared/fifo"
mknod "$shared/zero" c 1 5
/usr/bin/python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$shared/socket" ||
  fail "no socket could be made"
lan_address 1 >"$work/two/peers.txt"

# Without the capability of root to read everything.
start_in_host 1 setpriv --bounding-set -dac_override,-dac_read_search "$P2PPEER" -C "$work/one" -v serve >"$work/one.log" 2>&1
one=$started
wait_until 30 lists 2 "$work/two" swapped/secret.txt
list() { in_host 2 "$P2PPEER" -C "$work/two" list "$@" 2>"$work/list.log"; }
get() { in_host 2 "$P2PPEER" -C "$work/two" get "$@" >"$work/get.out" 2>"$work/get.log"; }

# Lists and logs hold nothing that does something to a terminal, and the JSON is JSON.
list >"$work/list.txt"
list --json >"$work/list.json"
cat >"$work/check.py" <<'END'
import json, sys, unicodedata
for path in sys.argv[2:]:
    text = open(path, encoding="utf-8", errors="strict").read()
    for c in text:
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            sys.exit("%s has the character U+%04X" % (path, ord(c)))
paths = [event["path"] for event in map(json.loads, open(sys.argv[1])) if event["event"] == "file"]
open(sys.argv[1] + ".paths", "w").write("".join(p + "\0" for p in sorted(paths)))
END
/usr/bin/python3 "$work/check.py" "$work/list.json" "$work/list.txt" "$work/list.json" "$work/one.log"
printf '%s\0' "${ok[@]}" swapped/secret.txt | LC_ALL=C sort -z >"$work/expected.paths"
LC_ALL=C sort -z "$work/list.json.paths" >"$work/offered.paths"
assert_same "$work/offered.paths" "$work/expected.paths"
# What is not offered is told to whom it belongs.
assert_contains "$work/one.log" "unreadable.txt"
assert_contains "$work/one.log" 'esc\x1b[31mred.txt'

# All that is offered can be fetched, by its name, and lands under it.
get -- "${ok[@]}"
for name in "${ok[@]}"; do assert_same "$shared/$name" "$work/two/downloads/${name##*/}"; done
get folder/
assert_same "$shared/folder/trailing." "$work/two/downloads/folder/trailing."
for name in ../../../etc/passwd /etc/passwd .. . .hidden .p2p link.txt linked-folder/secret.txt fifo zero environ; do
  assert_status 4 get "$name"
done

# A folder that becomes a link to elsewhere is not followed.
mv "$shared/swapped" "$work/was-swapped"
ln -s "$work/outside" "$shared/swapped"
not_listed() { ! lists 2 "$work/two" "$1"; }
wait_until 30 not_listed swapped/secret.txt
assert_status 4 get swapped/secret.txt

# Links in downloads/ and among the partial files are not written through.
ln -s "$work/outside" "$work/two/downloads/taken"
mkdir "$shared/taken"
echo "harmless" >"$shared/taken/new.txt"
random_file "$shared/linked.bin" 1000001
wait_until 30 lists 2 "$work/two" taken/new.txt
wait_until 30 lists 2 "$work/two" linked.bin
assert_status 1 get taken
assert_contains "$work/get.log" "taken/new.txt"
id=$("$P2PPEER" id "$shared/linked.bin" | grep -o 'p2p:[0-9a-f]*:[0-9]*')
partial=${id#p2p:}
ln -s "$work/outside/created" "$work/two/.p2p/partial/${partial/:/-}"
assert_status 1 get linked.bin
assert_equal "$(ls -A "$work/outside")" secret.txt "what is outside"
assert_equal "$(<"$work/outside/secret.txt")" "a secret"

kill -0 "$one" || fail "the serving peer is gone"
