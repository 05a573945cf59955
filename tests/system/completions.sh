#!/bin/bash
# SPDX-License-Identifier: MIT
# The completions offer what the programs have.
. "$(dirname "$0")/lib.sh"
mkdir "$work/bin"
ln -s "$P2PSCAN" "$work/bin/p2pscan"
PATH=$work/bin:$PATH

# offers COMMAND WORD...: prints what is completed for the last word of that command line.
offers() {
  (
    # shellcheck source=/dev/null
    . "$root/tools/completions/$1"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    "_$1" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[*]}"
  )
}
assert_equal "$(offers p2pscan --interf)" "--interface"
assert_match " $(offers p2pscan --) " " --plain .*--rate "
assert_equal "$(offers p2pscan --profile w)" "wifi"
assert_equal "$(offers p2pscan --interface l)" "lo"

ln -s "$P2PPEER" "$work/bin/p2ppeer"
assert_equal "$(offers p2ppeer se)" "serve search"
assert_equal "$(offers p2ppeer -C "$work" ver)" "verify"
assert_match " $(offers p2ppeer get --) " " --from .*--json .*--output "
assert_equal "$(offers p2ppeer get --qu)" "--quiet"
assert_equal "$(offers p2ppeer push x --to a)" "all"

# File names are those that the running peer knows of the network.
lan_up 2
mkdir -p "$work/one/shared" "$work/two"
touch "$work/one/shared/a film.mkv" "$work/one/shared/b.txt" "$work/one/shared/c\"\\*" "$work/one/shared/dä.txt" \
  "$work/one/shared/d"$'\u202e'"txt"
lan_address 1 >"$work/two/peers.txt"
start_in_host 1 "$P2PPEER" -C "$work/one" serve >"$work/one.log" 2>&1
wait_until 20 listening 1 12345
start_in_host 2 "$P2PPEER" -C "$work/two" serve >"$work/two.log" 2>&1
wait_until 20 listening 2 12345
has_files() { in_host 2 "$P2PPEER" -C "$work/two" list --json | grep -q '"a film.mkv"'; }
wait_until 20 has_files
assert_equal "$(offers p2ppeer -C "$work/two" get a)" 'a\ film.mkv'
assert_equal "$(offers p2ppeer -C "$work/two" get 'a\ f')" 'a\ film.mkv'
assert_equal "$(offers p2ppeer -C "$work/two" get d)" 'dä.txt'
assert_equal "$(offers p2ppeer -C "$work/two" get c)" 'c\"\\\*'

ln -s "$P2PDNS" "$work/bin/p2pdns"
assert_equal "$(offers p2pdns --max)" "--max-peers"
assert_match " $(offers p2pdns --) " " --listen .*--ttl "

# What a shell makes of local names with blanks, and of folders.
if command -v tmux >/dev/null; then
  mkdir -p "$work/here/a folder"
  touch "$work/here/my file.txt"
  terminal 1 100 10 "env -C '$work/here' PATH='$PATH' bash --norc --noprofile"
  type_text ". '$root/tools/completions/p2ppeer'"
  type_keys Enter
  type_text "p2ppeer push m"
  type_keys Tab
  wait_until 20 shows 'push my\ file.txt'
  type_text "a"
  type_keys Tab
  wait_until 20 shows 'push my\ file.txt a\ folder/'
  type_keys C-u
  type_text 'p2ppeer push my\ f'
  type_keys Tab
  wait_until 20 shows 'push my\ file.txt'
fi
