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
