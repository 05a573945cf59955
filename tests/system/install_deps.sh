#!/bin/bash
# SPDX-License-Identifier: MIT
# tools/install-deps does nothing where no package is missing: no network, no apt-get, no word. An unknown group is a
# mistake, also when the others are complete.
. "$(dirname "$0")/lib.sh"
need dpkg-query
mkdir "$work/bin"
printf '#!/bin/sh\necho "apt-get was called" >&2\nexit 1\n' >"$work/bin/apt-get"
chmod +x "$work/bin/apt-get"
said=$(PATH=$work/bin:$PATH unshare --net "$root/tools/install-deps" build test 2>&1)
assert_equal "$said" "" "output"
assert_status 2 "$root/tools/install-deps" build nosuch 2>"$work/error"
assert_contains "$work/error" "no group 'nosuch'"
