#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libtorrent as a rival in benches.

torrent.py make FILE TORRENT            writes the torrent of a file
torrent.py run TORRENT FOLDER PEER...   seeds or fetches it into the folder, with those peers (addresses), until it is
                                        killed; writes FOLDER/done when everything is there
"""

import os
import sys
import time

import libtorrent as lt

PORT = 6881


def make(path, torrent):
    storage = lt.file_storage()
    lt.add_files(storage, path)
    creator = lt.create_torrent(storage)
    lt.set_piece_hashes(creator, os.path.dirname(path))
    with open(torrent, "wb") as out:
        out.write(lt.bencode(creator.generate()))


def run(torrent, folder, peers):
    session = lt.session(
        {
            "listen_interfaces": f"0.0.0.0:{PORT}",
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "allow_multiple_connections_per_ip": True,
            "alert_mask": 0,
        }
    )
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    handle = session.add_torrent(parameters)
    for peer in peers:
        handle.connect_peer((peer, PORT))
    while not handle.status().is_seeding:
        time.sleep(0.01)
    with open(os.path.join(folder, "done"), "w", encoding="ascii"):
        pass
    while True:
        time.sleep(60)


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    run(sys.argv[2], sys.argv[3], sys.argv[4:])
