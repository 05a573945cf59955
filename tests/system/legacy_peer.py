#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An older program, as client and as server, for the system tests. The files are pickled by Python itself.

  legacy_peer.py get HOST FOLDER       fetches all files into FOLDER/0, 1...; prints the peers that HOST told of
  legacy_peer.py refused HOST [WORD]   sends WORD (req); ends with 0 when there is a peer list and then an orderly close
  legacy_peer.py hold HOST COUNT       asks on COUNT connections and reads nothing; prints "holding"
  legacy_peer.py serve PORT MODE FOLDER [FILE]
                                       lists a peer, and answers req as MODE says with the files of FOLDER; prints
                                       "ready". MODE is a protocol number for bytes, "str" and one for text, or
                                       something hostile (FILE is what its code would make)
"""
import os
import pickle
import socket
import sys
import time

PORT = 12345
PATIENCE = 60  # Nothing here takes that long.


def connect(host):
    return socket.create_connection((host, PORT), timeout=PATIENCE)


def read_peers(peer):
    """The list comes at once and in one piece, as older programs took for granted."""
    data = peer.recv(1024)
    if data[:1] not in (b"\x10", b"\x11"):
        sys.exit("legacy_peer: no peer list but %r" % data[:20])
    return str(data[1:], "utf-8").split(",")[:-1]


def get(host, folder):
    with connect(host) as peer:
        peers = read_peers(peer)
        peer.sendall(b"req")
        data = b""
        while True:
            piece = peer.recv(1 << 16)
            if not piece:
                sys.exit("legacy_peer: closed after %d bytes" % len(data))
            data += piece
            if data.endswith(b"."):
                try:
                    files = pickle.loads(data)
                    break
                except (pickle.UnpicklingError, EOFError):
                    pass  # A file has that byte.
        peer.sendall(b"q")
    for number, content in enumerate(files):
        if not isinstance(content, bytes):
            sys.exit("legacy_peer: no bytes")
        with open(os.path.join(folder, str(number)), "wb") as out:
            out.write(content)
    print(" ".join(peers))


def refused(host, word="req"):
    with connect(host) as peer:
        read_peers(peer)
        peer.sendall(word.encode())
        try:
            rest = peer.recv(1024)
        except ConnectionError as error:
            sys.exit("legacy_peer: no orderly close: %s" % error)
        if rest:
            sys.exit("legacy_peer: an answer: %r" % rest[:20])


def hold(host, count):
    peers = [connect(host) for _ in range(int(count))]
    for peer in peers:
        peer.sendall(b"req")
    print("holding", flush=True)
    time.sleep(10 * PATIENCE)


class Runs:
    """What makes a file when it is read by a reader that runs what it is told."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mknod, (self.path,)


def contents(folder):
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            yield file.read()


def answer(client, mode, folder, made):
    files = list(contents(folder))
    if mode.isdigit():
        client.sendall(pickle.dumps(files, int(mode)))
    elif mode.startswith("str"):
        client.sendall(pickle.dumps([content.decode() for content in files], int(mode[3:])))
    elif mode.startswith("code"):
        client.sendall(pickle.dumps(files[:1] + [Runs(made)], int(mode[4:])))
    elif mode == "nested":
        client.sendall(pickle.dumps([files], 4))
    elif mode == "cut":
        client.sendall(pickle.dumps(files, 4)[:-1])
        return False
    elif mode == "length":
        client.sendall(b"\x80\x03]B\xff\xff\xff\xff")
    elif mode == "endless":
        client.sendall(b"\x80\x03](")
        while True:
            client.sendall(pickle.dumps(bytes(1000), 3)[2:-3])
    elif mode == "none":
        client.sendall(pickle.dumps([], 4))
    elif mode == "silent":
        pass
    elif mode == "slow":
        for byte in pickle.dumps(files, 3):
            client.sendall(bytes([byte]))
            time.sleep(0.5)
    else:
        sys.exit("legacy_peer: no mode " + mode)
    return True


def serve(port, mode, folder, made=""):
    listener = socket.create_server(("", int(port)))
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        try:
            client.sendall(b"\x1110.9.9.9,")
            while True:
                data = client.recv(1024)
                if data == b"req" and answer(client, mode, folder, made):
                    continue
                break  # q, or it has gone.
        except ConnectionError:
            pass
        client.close()


if __name__ == "__main__":
    {"get": get, "refused": refused, "hold": hold, "serve": serve}[sys.argv[1]](*sys.argv[2:])
