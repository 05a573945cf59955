#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan(8) and --help name the same options.
. "$(dirname "$0")/lib.sh"
help=$("$P2PSCAN" --help | grep -oE -- '(^|[ ,])--?[A-Za-z0-9][a-z0-9-]*' | tr -d ' ,' | sort -u)
# In the list of options: ".It Fl i , Fl Fl interface Ar IF".
page=$(grep '^\.It Fl' "$root/man/p2pscan.8" | sed -E 's/^\.It //; s/Fl Fl /--/g; s/Fl /-/g' |
  grep -oE -- '(^| )--?[A-Za-z0-9][a-z0-9-]*' | tr -d ' ' | sort -u)
missing=$(comm -23 <(echo "$help") <(echo "$page"))
untrue=$(comm -13 <(echo "$help") <(echo "$page"))
assert_equal "$missing" "" "options without a word in p2pscan(8)"
assert_equal "$untrue" "" "options that p2pscan does not have"
