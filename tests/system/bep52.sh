#!/bin/bash
# SPDX-License-Identifier: MIT
# A file's id holds its BEP 52 pieces root: libtorrent, an independent implementation, computes the same for sizes around
# the 16 KiB block and the chunk sizes.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import libtorrent' 2>/dev/null || skip "python3-libtorrent is not installed"

/usr/bin/python3 - "$work" >"$work/expected" <<'END'
import libtorrent, os, sys
folder = sys.argv[1]
block, mib = 16384, 1 << 20
sizes = [1, 64, block - 1, block, block + 1, 2 * block, 2 * block + 1, 3 * block, mib // 8 - 1, mib // 8, mib // 8 + 1,
         mib // 4, mib // 4 + 1, mib // 2 + 1, mib, 4 * mib - 1, 4 * mib, 4 * mib + 1, 64 * mib + 1]
pattern = bytes((7 * i + 3) & 255 for i in range(mib))
for size in sizes:
    name = "file%d" % size
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        for begin in range(0, size, mib):
            file.write(pattern[:min(mib, size - begin)])
    storage = libtorrent.file_storage()
    libtorrent.add_files(storage, path)
    torrent = libtorrent.create_torrent(storage, piece_size=block, flags=libtorrent.create_torrent.v2_only)
    libtorrent.set_piece_hashes(torrent, folder)
    tree = torrent.generate()[b"info"][b"file tree"]
    print("p2p:%s:%d" % (tree[name.encode()][b""][b"pieces root"].hex(), size))
END

while IFS=: read -r _ root_hash size; do
  said=$("$P2PPEER" id "$work/file$size")
  assert_match "$said" "p2p:$root_hash:$size" "id of $size bytes"
done <"$work/expected"

: >"$work/empty"
assert_match "$("$P2PPEER" id "$work/empty")" "p2p:0{64}:0" "id of the empty file"
