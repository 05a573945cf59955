#!/bin/bash
# SPDX-License-Identifier: MIT
# A folder comes as it is: files of all sizes with their times and their owner's permissions, empty folders, holes. What
# a killed get left of small files is not whole under any name, and the next get completes the rest.
. "$(dirname "$0")/lib.sh"
lan_up 2
tree=$work/one/shared/tree
mkdir -p "$tree/a/b" "$tree/empty/inner" "$work/two"
for ((i = 0; i < 500; i++)); do echo "file $i" >"$tree/a/b/$i"; done
: >"$tree/nothing"
random_file "$tree/large" 700001
truncate -s 20M "$tree/sparse"
printf end | dd of="$tree/sparse" bs=1 seek=$((20 << 20)) status=none
chmod 0755 "$tree/large"
chmod 4711 "$tree/a/b/7"
chmod 0400 "$tree/a/b/8"
touch -d '2001-02-03 04:05:06 UTC' "$tree/large" "$tree/a/b/1" "$tree/nothing"
mkdir "$tree/same"
random_file "$tree/same/0" 5000
for ((i = 1; i < 100; i++)); do cp "$tree/same/0" "$tree/same/$i"; done
mkdir -p "$tree/old/older"
echo old >"$tree/old/older/file"
chmod 0555 "$tree/old/older"
touch -d '2002-02-03 04:05:06 UTC' "$tree/old/older" "$tree/empty/inner"
touch -d '2003-02-03 04:05:06 UTC' "$tree/old" "$tree/empty"
mkfifo "$tree/pipe"
ln -s /etc/passwd "$tree/link"
touch -d '2004-02-03 04:05:06 UTC' "$tree"
serve_in_host 1 "$work/one"
server=$(lan_address 1)
wait_until 30 lists 2 "$work/two" sparse --from "$server"
wait_until 30 lists 2 "$work/two" a/b/499 --from "$server"

# Killed in the middle, wherever that is: each name has its whole file.
lan_shape 1 2mbit
start_in_host 2 "$P2PPEER" -C "$work/two" get tree --json --from "$server" >"$work/get.out" 2>"$work/get.log"
wait_until 30 grep -q '"event":"done"' "$work/get.out"
kill -KILL "$started"
wait "$started" 2>/dev/null || true
lan_shape 1 1gbit
if [[ -d $work/two/downloads/tree ]]; then
  while read -r file; do assert_same "$tree/$file" "$work/two/downloads/tree/$file"; done < <(cd "$work/two/downloads/tree" && find . -type f)
fi

assert_status 0 in_host 2 "$P2PPEER" -C "$work/two" get tree --json --from "$server" >"$work/get.out" 2>"$work/get.log"
rm "$tree/pipe" "$tree/link"
touch -d '2004-02-03 04:05:06 UTC' "$tree"
diff -r "$tree" "$work/two/downloads/tree" >&2 || fail "the trees differ"
got=$work/two/downloads/tree
[[ -d $got/empty/inner ]] || fail "the empty folder was not made"
# same_folders GOT [WITH_MODES]: its folders have the times of the tree's, and their owner may do the same in them.
same_folders() {
  local folder
  while read -r folder; do
    assert_equal "$(stat -c %Y "$1/$folder")" "$(stat -c %Y "$tree/$folder")" "time of $1/$folder"
    [[ -z ${2-} ]] || assert_equal "$(stat -c %a "$1/$folder" | cut -c 1)" "$(stat -c %a "$tree/$folder" | cut -c 1)" "mode of $1/$folder"
  done < <(cd "$tree" && find . -type d)
}
same_folders "$got" modes
assert_equal "$(stat -c %a "$got/large" "$got/a/b/7" "$got/a/b/8" | xargs)" "700 700 400" "permissions"
assert_equal "$(stat -c %Y "$got/large" "$got/a/b/1" "$got/nothing" | sort -u)" "$(date -d '2001-02-03 04:05:06 UTC' +%s)" "times"
assert_equal "$(stat -c %Y "$got/a/b/2")" "$(stat -c %Y "$tree/a/b/2")" "time"
(($(stat -c %b "$got/sparse") * 512 < 2 << 20)) || fail "the sparse file takes $(stat -c %b "$got/sparse") blocks"
assert_equal "$(ls -A "$work/two/.p2p/partial")" "" "what is left in .p2p/partial"

# A second time nothing moves; to who has nothing of it, it all comes again.
in_host 2 "$P2PPEER" -C "$work/two" get tree --json --from "$server" >"$work/get.out" 2>"$work/get.log"
assert_equal "$(json_field "$work/get.out" summary bytes)" 0 "bytes fetched the second time"
same_folders "$got" modes
in_host 2 "$P2PPEER" -C "$work/three" get tree --json -o "$work/elsewhere" --from "$server" >"$work/get.out" 2>"$work/get.log"
diff -r "$tree" "$work/elsewhere/tree" >&2 || fail "the trees differ"
# Of equal small files one moves, and the others are taken from that.
assert_equal "$(grep '"event":"done"' "$work/get.out" | grep '/same/' | grep -c '"fetched":0,')" 99 "equal files that did not move"
same_folders "$work/elsewhere/tree" modes

# A receiver of a push has them as well. What it has then stays as it is: a second push changes nothing of it, and is told
# so; nor does the first one of a folder that was there before.
receiver=$work/receiver/downloads/tree
mkdir -p "$receiver/a" "$receiver/empty/inner"
chmod 0750 "$receiver/a"
touch -d '1999-02-03 04:05:06 UTC' "$receiver/empty/inner"
own=$(stat -c '%a %Y' "$receiver/empty/inner")
serve_in_host 2 "$work/receiver" --accept-push --no-announce
push_tree() { in_host 1 "$P2PPEER" -C "$work/pusher" push --json "$tree" --to 10.77.0.2 >"$work/push.out" 2>"$work/push.log"; }
assert_status 0 push_tree
diff -r "$tree" "$receiver" >&2 || fail "the trees differ"
for folder in old old/older same a/b; do
  assert_equal "$(stat -c %Y "$receiver/$folder")" "$(stat -c %Y "$tree/$folder")" "time of $folder"
  assert_equal "$(stat -c %a "$receiver/$folder" | cut -c 1)" "$(stat -c %a "$tree/$folder" | cut -c 1)" "mode of $folder"
done
assert_equal "$(stat -c '%a %Y' "$receiver/empty/inner")" "$own" "an empty folder that was there"
assert_equal "$(stat -c %a "$receiver/a")" 750 "mode of a folder that was there"
[[ $(stat -c %Y "$receiver") != $(stat -c %Y "$tree") ]] || fail "a folder that was there has the pushed time"
assert_equal "$(json_field "$work/push.out" receiver there)" 4 "folders that were there"

touch -d '1999-02-03 04:05:06 UTC' "$receiver/old"
chmod 0700 "$receiver/old/older"
own=$(find "$receiver" -printf '%p %m %T@\n' | sort)
assert_status 0 push_tree
assert_equal "$(find "$receiver" -printf '%p %m %T@\n' | sort)" "$own" "the tree after the second push"
assert_equal "$(json_field "$work/push.out" summary bytes)" 0 "bytes that the second push moved"
assert_equal "$(json_field "$work/push.out" receiver there)" "$(find "$receiver" | wc -l)" "what the second push found there"
