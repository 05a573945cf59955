#!/bin/bash
# SPDX-License-Identifier: MIT
# make install puts programs, man pages and completions under DESTDIR/PREFIX, the programs run from there, and make
# uninstall removes them all.
. "$(dirname "$0")/lib.sh"
variant=$(basename "$BIN")
[[ $BIN != build ]] || variant=release
# The programs are taken as they are built (-o), whatever flags they were built with.
run_make() {
  make -s -C "$root" VARIANT="$variant" DESTDIR="$work/dest" PREFIX=/opt/p2p -o "$BIN/p2pscan" -o "$BIN/p2ppeer" -o "$BIN/p2pdns" "$@"
}
run_make install >"$work/installed.log"
for program in p2pscan p2ppeer p2pdns; do
  [[ -x $work/dest/opt/p2p/bin/$program ]] || fail "$program is not installed"
  assert_match "$("$work/dest/opt/p2p/bin/$program" --version)" '[0-9]+\.[0-9]+\.[0-9]+' "version of $program"
done
for page in man8/p2pscan.8 man1/p2ppeer.1 man8/p2pdns.8 man5/p2p-peers.5 man7/p2p-protocol.7; do
  [[ -s $work/dest/opt/p2p/share/man/$page ]] || fail "$page is not installed"
done
run_make uninstall >>"$work/installed.log"
left=$(find "$work/dest" ! -type d)
assert_equal "$left" "" "what uninstall left"
