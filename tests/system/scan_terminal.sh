#!/bin/bash
# SPDX-License-Identifier: MIT
# p2pscan on a terminal: the table fits it and is sorted, a long sweep shows how far it is, and both leave clean lines.
. "$(dirname "$0")/lib.sh"
need script python3
lan_up 12
cd "$work"

# on_terminal COLUMNS OPTION...: what a terminal of that width is sent.
on_terminal() {
  local columns=$1
  shift
  in_host 1 script -qefc "stty cols $columns rows 24; exec '$P2PSCAN' $*" /dev/null </dev/null
}
on_terminal 60 -o none --rate 100 --retries 0 "$LAN_NET.2-250" >wide.out
on_terminal 48 -o none --retries 0 "$LAN_NET.2-40" >narrow.out
on_terminal 60 -q -o none --rate 100 --retries 0 "$LAN_NET.2-200" >quiet.out
python3 - <<'PY'
import re
def lines(name):
    # What is left on the screen: a line that was erased is not.
    text = open(name, newline="").read()
    return [re.sub(r"^.*\r(\x1b\[K)?(?=.)", "", line.rstrip("\r")) for line in text.split("\n")], text
wide, raw = lines("wide.out")
assert re.search(r"\r\d+ hosts?; round 1, \d+ %, 100 requests/s\x1b\[K", raw), raw
assert "\x1b[K" in raw and not any("round" in line for line in wide), wide
for name, columns in (("wide.out", 60), ("narrow.out", 48)):
    table = [line for line in lines(name)[0] if re.match(r"ADDRESS|\d+\.\d+\.\d+\.\d+ ", line)]
    assert len(table) == 12, (name, table)
    assert all(len(line) <= columns for line in table), (name, table)
    numbers = [int(line.split()[0].rsplit(".", 1)[1]) for line in table[1:]]
    assert numbers == sorted(numbers) == list(range(2, 13)), numbers
    assert "02:4c:41:4e:00:0c" in table[-1], "the MAC is never cut"
assert "round" not in lines("quiet.out")[1]
PY
# Not on a terminal: no progress.
in_host 1 "$P2PSCAN" -o none --rate 100 --retries 0 "$LAN_NET.2-200" 2>pipe.log >/dev/null
assert_equal "$(wc -l <pipe.log)" 1 "lines on standard error"
assert_no_line pipe.log round
