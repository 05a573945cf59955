#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A peer that misbehaves, for the system tests.

  hostile_peer.py attack NAME HOST [SOURCE...]
                                     does one thing to the peer at HOST; ends with 0 when the peer did what it must,
                                     or prints "holding" and holds on to its connections until it is killed
  hostile_peer.py serve MODE         listens on port 12345 and answers as MODE says; prints "ready"

Only p2p-protocol(7) is used: nothing is shared with the program under test.
"""
import hashlib
import os
import resource
import select
import socket
import struct
import sys
import threading
import time

PORT = 12345
HELLO, CATALOG_GET, CATALOG, LAYER_GET, LAYER, CHUNK_GET, CHUNK = 1, 2, 3, 5, 6, 7, 8
CANCEL, INTEREST, HAVE, OFFER, OFFER_ANSWER = 9, 0x0A, 0x0B, 0x0C, 0x0D
PING, PONG, ERROR, BYE, OFFER_STATUS = 0x0E, 0x0F, 0x12, 0x13, 0x14
LIMITS = {1: 113, 2: 4110, 3: 65536, 4: 8, 5: 53, 6: 131076, 7: 65594, 8: 4194316, 9: 4, 0x0A: 42, 0x0B: 32812,
          0x0C: 65536, 0x0D: 7, 0x0E: 8, 0x0F: 8, 0x12: 264, 0x13: 2, 0x14: 293}
PATIENCE = 60  # Nothing here takes that long; a peer that has not reacted by then does not.


class Closed(Exception):
    pass


def check(right, what):
    if not right:
        sys.exit("hostile_peer: " + what)


def frame(kind, payload=b""):
    return struct.pack(">BI", kind, len(payload)) + payload


def hello(port=0, name=b"hostile", features=0):
    payload = struct.pack(">BI", 1, features) + os.urandom(32) + os.urandom(8)
    return frame(HELLO, payload + struct.pack(">HH", port, len(name)) + name)


def connect(host):
    peer = socket.create_connection((host, PORT), timeout=PATIENCE)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def read(peer, count):
    data = bytearray()
    while len(data) < count:
        try:
            piece = peer.recv(min(count - len(data), 1 << 20))
        except ConnectionError as error:
            raise Closed from error
        if not piece:
            raise Closed
        data += piece
    return bytes(data)


def read_frame(peer):
    """The next frame; peer lists are passed over."""
    while True:
        kind = read(peer, 1)[0]
        if kind != 0x10:
            length, = struct.unpack(">I", read(peer, 4))
            return kind, read(peer, length)
        while read(peer, 1) != b"\n":
            pass


def wait_for(peer, wanted):
    while True:
        kind, payload = read_frame(peer)
        if kind == wanted:
            return payload


def introduce(host):
    """A connection on which HELLO is done."""
    peer = connect(host)
    peer.sendall(hello())
    wait_for(peer, HELLO)
    return peer


def expect_closed(peer, what):
    """Reads until the other end closes."""
    try:
        while True:
            read_frame(peer)
    except Closed:
        return
    except TimeoutError:
        sys.exit("hostile_peer: still open after " + what)


def send_while_open(peer, data):
    """Sends as much of it as is taken; false when the other end has closed."""
    try:
        peer.sendall(data)
        return True
    except ConnectionError:
        return False


def has_ended(peer):
    """Whether the other end has closed; what else it said is thrown away."""
    try:
        while select.select([peer], [], [], 0)[0]:
            if not peer.recv(65536):
                return True
        return False
    except ConnectionError:
        return True


def expect_alive(peer, what):
    token = os.urandom(8)
    peer.sendall(frame(PING, token))
    check(wait_for(peer, PONG) == token, "no PONG after " + what)


def catalog(peer):
    peer.sendall(frame(CATALOG_GET, struct.pack(">IQH", 1, 0, 0)))
    return wait_for(peer, CATALOG)


def biggest(page):
    """(length, root) of the biggest file of a catalog page."""
    count, = struct.unpack_from(">H", page, 13)
    at, files = 15, []
    for _ in range(count):
        length, = struct.unpack_from(">Q", page, at + 11)
        root = page[at + 19:at + 51]
        path, = struct.unpack_from(">H", page, at + 51)
        at += 53 + path
        files.append((length, root))
    return max(files)


def hold_on():
    """Keeps the connections until the test kills it."""
    print("holding", flush=True)
    while True:
        time.sleep(3600)


# --- attacks on a serving peer ---

def garbage(host):
    """T10 and the opening: bytes of any kind end in a close."""
    random_start = bytes([os.urandom(1)[0] | 0x80])
    for first in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"req", b"q", b"\0" * 64, b"\x7f" * 5,
                  random_start + os.urandom(5000)):
        peer = connect(host)
        send_while_open(peer, first)
        expect_closed(peer, "garbage %r" % first[:8])
    for _ in range(30):
        peer = introduce(host)
        send_while_open(peer, random_start + os.urandom(5000))
        expect_closed(peer, "garbage after HELLO")


def lengths(host):
    """T01, T02: lengths beyond the limits are refused, whether the bytes come or not."""
    for length in (4097, 0x7FFFFFFF, 0xFFFFFFFF):
        peer = connect(host)
        peer.sendall(struct.pack(">BI", HELLO, length))
        expect_closed(peer, "a HELLO of %d bytes" % length)
    for kind, limit in LIMITS.items():
        for length in (limit + 1, 0xFFFFFFFF):
            peer = introduce(host)
            peer.sendall(struct.pack(">BI", kind, length))
            expect_closed(peer, "type %d of %d bytes" % (kind, length))
        if kind in (PING, BYE):
            continue
        peer = introduce(host)
        peer.sendall(frame(kind))
        expect_closed(peer, "type %d without payload" % kind)
    for length in (1048577, 0xFFFFFFFF):
        peer = introduce(host)
        peer.sendall(struct.pack(">BI", 0x1E, length))
        expect_closed(peer, "an unknown type of %d bytes" % length)


def wrong_state(host):
    """T10: what may not come before HELLO, and a second HELLO."""
    for kind in sorted(set(LIMITS) - {HELLO, ERROR, BYE}):
        peer = connect(host)
        send_while_open(peer, frame(kind, b"\0" * 8))
        expect_closed(peer, "type %d before HELLO" % kind)
    peer = introduce(host)
    peer.sendall(hello())
    expect_closed(peer, "a second HELLO")


def unknown_type(host):
    """T11: unknown types are skipped by their length."""
    peer = introduce(host)
    for length in (0, 1, 1000, 1048576):
        peer.sendall(frame(0x1F, b"x" * length))
        expect_alive(peer, "an unknown type of %d bytes" % length)


def byte_by_byte(host):
    """T03: the same answers when each byte comes by itself, and when all come at once."""
    peer = connect(host)
    for byte in hello() + b"\x1010.9.9.9:1,x,\n" + frame(PING, b"one by 1"):
        peer.sendall(bytes([byte]))
        time.sleep(0.001)
    check(wait_for(peer, PONG) == b"one by 1", "no PONG to single bytes")
    peer = connect(host)
    peer.sendall(hello() + b"".join(frame(PING, b"token%03d" % i) for i in range(500)))
    for i in range(500):
        check(wait_for(peer, PONG) == b"token%03d" % i, "PONG %d of many in one piece" % i)


def endless_list(host):
    """T08: lists with junk are taken for what is good in them; lists that never end cost the connection."""
    peer = introduce(host)
    for text in (b"", b",,,,", b"no comma", b"x" * 60000, b"10.9.9.9:99999999999999999999,::::,[[,]],", b"999.1.1.1," * 5000,
                 b"127.0.0.1,224.0.0.1,255.255.255.255,0.0.0.0,8.8.8.8,10.9.9.9:22,"):
        peer.sendall(b"\x10" + text + b"\n")
        expect_alive(peer, "a list of junk")
    for endless in (b"10.9.9.9:2000,", b"x", b","):
        for peer in (introduce(host), connect(host)):
            sent, ended = 0, not send_while_open(peer, b"\x10")
            while not ended:
                ended = not send_while_open(peer, endless * (65536 // len(endless))) or has_ended(peer)
                sent += 65536
                check(sent < 1 << 26, "a list without end was read for 64 MiB")


def slow_handshake(host):
    """T16: one deadline for the whole HELLO, however regularly its bytes trickle in."""
    peers = [connect(host) for _ in range(3)]
    pieces = [b"", hello()[:1], hello()]
    begun = time.monotonic()
    for at in range(PATIENCE * 4):
        peers = [peer for i, peer in enumerate(peers) if trickle(peer, pieces[i % 3], at)]
        if not peers:
            return
        check(time.monotonic() - begun < PATIENCE, "a handshake that trickles was never ended")
        time.sleep(0.5)


def trickle(peer, data, at):
    """Sends the byte at `at`, never the last one; false when the other end has closed."""
    return send_while_open(peer, data[at:at + 1] if at < len(data) - 1 else b"") and not has_ended(peer)


def grid_of(length):
    """(level, chunk size) of a file."""
    level = 3
    while length > 1 << (24 + level) and level < 8:
        level += 1
    return level, 1 << (14 + level)


def never_reads(host):
    """T18, T19: hundreds of chunks and a hundred thousand pages are asked for, and nothing is read."""
    probe = introduce(host)
    length, root = biggest(catalog(probe))
    probe.close()
    level, size = grid_of(length)
    content = struct.pack(">Q", length) + root
    chunks = (length + size - 1) // size
    peers = []
    for _ in range(3):
        peer = introduce(host)
        for i in range(500):
            peer.sendall(frame(CHUNK_GET, struct.pack(">I", i + 1) + content +
                               struct.pack(">BIHII", level, i % chunks, 0, 0, 0)))
        peers.append(peer)
    peer = introduce(host)
    peer.settimeout(5)
    try:
        question = frame(CATALOG_GET, struct.pack(">IQH", 1, 0, 0))
        for _ in range(1000):
            peer.sendall(question * 100)
    except (ConnectionError, TimeoutError):
        pass  # Closed, or not read from any more: either will do.
    peer.settimeout(PATIENCE)
    hold_on()


def flood(host):
    """T17: of 200 connections from one address only a few are kept; the others are closed at once."""
    peers = []
    for _ in range(200):
        try:
            peers.append(connect(host))
        except ConnectionError:
            pass
    kept = 0
    for peer in peers:
        try:
            kept += peer.recv(1) != b""
        except ConnectionError:
            pass
    check(0 < kept <= 8, "%d of 200 connections from one address were kept" % kept)
    hold_on()


def lingers(host):
    """T17: connections that the peer has reason to close, one after another, none of which this end closes."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    peers = []
    for _ in range(min(4000, most - 100)):
        try:
            peer = connect(host)
            peer.sendall(b"\xff" * 8)
            peers.append(peer)
        except ConnectionError:
            pass


def crowd(host, *sources):
    """T14, T15: a dozen connections from each of many addresses, with HELLO, so that none of them ends soon."""
    peers = []
    for source in sources * 12:
        try:
            peer = socket.create_connection((host, PORT), timeout=PATIENCE, source_address=(source, 0))
            peer.sendall(hello())
            peers.append(peer)
        except ConnectionError:
            pass
    hold_on()


def half_requests(host):
    """T04, T05: chunks, layers and parts that the file does not have are refused, and the connection stays."""
    peer = introduce(host)
    length, root = biggest(catalog(peer))
    content = struct.pack(">Q", length) + root
    other = struct.pack(">Q", length - 1) + root
    level, big = grid_of(length)[0], 0xFFFFFFFE
    refused = [content + struct.pack(">BIHII", level, big, 0, 0, 0), content + struct.pack(">BIHII", 0, 0, 0, 0, 0),
               content + struct.pack(">BIHII", level, 0, 0, 4194303, 1), other + struct.pack(">BIHII", level, 0, 0, 0, 0),
               struct.pack(">Q", 0) + b"\0" * 32 + struct.pack(">BIHII", level, 0, 0, 0, 0)]
    for number, question in enumerate(refused):
        peer.sendall(frame(CHUNK_GET, struct.pack(">I", number + 7) + question))
        request, code = struct.unpack_from(">IH", wait_for(peer, ERROR))
        check(request == number + 7 and code != 0, "question %d was not refused" % number)
    for asked, first, count in ((level, big, 1), (28, 0, 1), (level, 0, 4096)):
        peer.sendall(frame(LAYER_GET, struct.pack(">I", 99) + content + struct.pack(">BII", asked, first, count)))
        check(struct.unpack_from(">I", wait_for(peer, ERROR))[0] == 99, "a layer beyond the file was not refused")
    expect_alive(peer, "questions beyond the file")


# --- a peer that serves ---

def entry(path, length=5, root=None, kind=0):
    root = hashlib.sha256(b"hello").digest() if root is None else root
    return struct.pack(">BHqQ", kind, 0o777, 1 << 62, length) + root + struct.pack(">H", len(path)) + path


HOSTILE_PATHS = [b"../escaped.txt", b"/tmp/escaped.txt", b"a/../../escaped.txt", b"./dot.txt", b"a//b.txt", b"a/", b"",
                 b"nul\0byte.txt", b"new\nline.txt", b"esc\x1b[2Jape.txt", b"c1\xc2\x9b2J.txt", b"bad\xff\xfeutf8.txt",
                 b"over\xc0\xaflong.txt", b"surrogate\xed\xa0\x80.txt", b"x" * 300, b"y/" * 3000 + b"deep", b".hidden",
                 b".p2p/key", b"a/.p2p/key", b"peers.txt/../../x"]
# Allowed by the protocol, and not nice: to be shown escaped.
ODD_PATHS = [b"bidi\xe2\x80\xaegpj.txt", b"bom\xef\xbb\xbf.txt", b"line\xe2\x80\xa8sep.txt"]


def offers(host):
    """T19, T23, T31: bad paths, huge lengths, thousands of offers, the same again. The peer accepts 1 GiB."""
    peer = introduce(host)

    def offer(number, *entries):
        peer.sendall(frame(OFFER, struct.pack(">IH", number, len(entries)) + b"".join(entries)))
        request, accepted, code = struct.unpack(">IBH", wait_for(peer, OFFER_ANSWER))
        check(request == number and accepted == (code == 0), "a wrong answer to offer %d" % number)
        return code

    huge = entry(b"huge.bin", 1 << 42, b"r" * 32)
    refused = [([entry(path)], 1) for path in HOSTILE_PATHS]
    refused += [([], 1), ([entry(b"good"), entry(b"../bad")], 1), ([entry(b"long", 1 << 62, b"r" * 32)], 1),
                ([entry(b"kind", kind=77)], 1), ([huge], 19), ([huge] * 500, 19)]
    for number, (entries, code) in enumerate(refused):
        check(offer(number, *entries) == code, "offer %d was not refused as it should be" % number)
    for _ in range(2):
        accepted = [n for n in range(100, 3100) if offer(n, entry(b"f%d" % n, 9, os.urandom(32))) == 0]
        check(len(accepted) == 4, "%d offers were accepted" % len(accepted))
        for number in accepted:
            peer.sendall(frame(CANCEL, struct.pack(">I", number)))
    same = entry(b"same", 1 << 20, b"s" * 32)
    check([offer(n, same, same) for n in range(5000, 5006)] == [0] * 4 + [10] * 2, "the same offer again")


def folders(host):
    """T31: what costs names rather than bytes. Folders and empty files by the thousand, deep ones, a file and a folder
    of one name. The peer accepts 40 MiB."""
    peer = introduce(host)

    def push(number, *entries):
        """What became of it: the code of a refusal, or (done, failed)."""
        peer.sendall(frame(OFFER, struct.pack(">IH", number, len(entries)) + b"".join(entries)))
        _, accepted, code = struct.unpack(">IBH", wait_for(peer, OFFER_ANSWER))
        while accepted:
            request, over, done, _, failed = struct.unpack_from(">IBIII", wait_for(peer, OFFER_STATUS))
            if request == number and over:
                return done, failed
        return code

    def folder(path):
        return entry(path, 0, b"\0" * 32, 1)

    def empty(path):
        return entry(path, 0, b"\0" * 32)

    check(push(1, folder(b"name"), empty(b"other")) == (2, 0), "a folder")
    check(push(3, empty(b"name"), empty(b"name/file")) == (2, 0), "a folder and a file")
    done, failed = push(2, folder(b"other"), folder(b"other/inner"), empty(b"other/file"))
    check(done + failed == 3 and failed == 3, "a file in the way: %d done, %d failed" % (done, failed))
    deep = b"/".join([b"d"] * 2000)
    for number, what in enumerate((folder(deep), empty(deep + b"/file"), folder(deep + b"/d" * 40 + b"/" + b"x" * 15)), 10):
        result = push(number, what)
        check(isinstance(result, tuple) and sum(result) == 1, "a deep one: %r" % (result,))
    count = 0
    for number in range(100, 100 + 8):
        entries = [(folder if n % 2 else empty)(b"%d/n%d" % (number, n)) for n in range(700)]
        check(push(number, *entries) == (700, 0), "offer %d of many" % number)
        count += 700
    expect_alive(peer, "%d names" % count)


def tree(leaves):
    while len(leaves) > 1:
        leaves = [hashlib.sha256(leaves[i] + leaves[i + 1]).digest() for i in range(0, len(leaves), 2)]
    return leaves[0]


def layer_of(path):
    """(length, root, hashes of its chunks, data) of a file."""
    data = open(path, "rb").read()
    blocks = [hashlib.sha256(data[i:i + 16384]).digest() for i in range(0, len(data), 16384)]
    count = 1 << grid_of(len(data))[0]
    blocks += [b"\0" * 32] * (-len(blocks) % count)
    chunks = [tree(blocks[i:i + count]) for i in range(0, len(blocks), count)]
    padded, nothing = list(chunks), tree([b"\0" * 32] * count)
    while len(padded) & (len(padded) - 1):
        padded.append(nothing)
    return len(data), tree(padded), chunks, data


class Server:
    """Offers hostile paths and one file that exists; answers for that as the mode says:
    names, silent (never answers a request), wrong_chunks, wrong_layer, short_chunks, stalls (half a chunk, then nothing),
    unasked (chunks nobody asked for), unsorted (a catalog out of order), endless (a catalog that never ends)."""

    def __init__(self, mode, path, name):
        self.mode, self.name = mode, name.encode()
        self.length, self.root, self.chunks, self.data = layer_of(path)

    def run(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", PORT))
        listener.listen()
        print("ready", flush=True)
        while True:
            peer, _ = listener.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            peer.sendall(b"\x1010.9.9.9:22,[31m,8.8.8.8,\n" if self.mode == "names" else b"\x10\n")
            wait_for(peer, HELLO)
            peer.sendall(hello(PORT, "h\u202eo\u200bst".encode() if self.mode == "names" else b"hostile"))
            while True:
                self.answer(peer, *read_frame(peer))
        except (Closed, ConnectionError):
            peer.close()

    def answer(self, peer, kind, payload):
        if kind == PING:
            peer.sendall(frame(PONG, payload))
        elif kind == CATALOG_GET:
            self.send_catalog(peer, payload)
        elif kind == INTEREST and self.mode != "silent":
            peer.sendall(frame(HAVE, payload[:41] + b"\1\0\0"))
        elif kind == LAYER_GET and self.mode != "silent":
            request, first, count = payload[:4], *struct.unpack_from(">II", payload, 45)
            chunks = [os.urandom(32) for _ in self.chunks] if self.mode == "wrong_layer" else self.chunks
            peer.sendall(frame(LAYER, request + b"".join(chunks[first:first + count])))
        elif kind == CHUNK_GET and self.mode != "silent":
            self.send_chunk(peer, payload)

    def send_catalog(self, peer, question):
        request = question[:4]
        after = question[14:]
        entries, last = [entry(self.name, self.length, self.root)], 2
        if self.mode == "names":
            entries = sorted([(p, entry(p)) for p in HOSTILE_PATHS + ODD_PATHS] +
                             [(self.name, entries[0]), (b"huge.bin", entry(b"huge.bin", 1 << 42, b"r" * 32)),
                              (b"too-long.bin", entry(b"too-long.bin", 1 << 62, b"r" * 32)),
                              (b"unknown-kind", entry(b"unknown-kind", kind=77))])
            entries = [e for _, e in entries]
        elif self.mode == "unsorted":
            entries = [entry(b"b"), entry(b"a")]
        elif self.mode == "endless":
            number = int(after[1:] or b"0") if after[:1] == b"n" else 0
            entries, last = [entry(b"n%012d" % (number + i)) for i in range(1, 900)], 0
        page = b"".join(entries)
        peer.sendall(frame(CATALOG, request + struct.pack(">QBH", 5, last, len(entries)) + page))

    def send_chunk(self, peer, question):
        request, chunk = question[:4], struct.unpack_from(">I", question, 45)[0]
        if chunk == 0xFFFFFFFF:
            chunk = 0
        size = grid_of(self.length)[1]
        data = self.data[chunk * size:(chunk + 1) * size]
        answer = request + struct.pack(">II", chunk, 0)
        if self.mode == "wrong_chunks":
            peer.sendall(frame(CHUNK, answer + bytes(len(data))))
        elif self.mode == "short_chunks":
            peer.sendall(frame(CHUNK, answer + data[:-1]))
        elif self.mode == "stalls":
            peer.sendall(frame(CHUNK, answer + data)[:len(data) // 2])
            time.sleep(3600)
        elif self.mode == "unasked":
            peer.sendall(frame(CHUNK, struct.pack(">III", 0xABCDEF, 9, 5) + b"unasked"))
            peer.sendall(frame(CHUNK, request + struct.pack(">II", 0xFFFFFFF0, 0) + data))
        else:
            peer.sendall(frame(CHUNK, answer + data))


ATTACKS = {f.__name__: f for f in (garbage, lengths, wrong_state, unknown_type, byte_by_byte, endless_list, slow_handshake,
                                   never_reads, flood, lingers, crowd, half_requests, offers, folders)}


def main():
    if len(sys.argv) >= 4 and sys.argv[1] == "attack":
        try:
            ATTACKS[sys.argv[2]](*sys.argv[3:])
        except (Closed, ConnectionError) as error:
            sys.exit("hostile_peer: %s: closed too early: %r" % (sys.argv[2], error))
    elif len(sys.argv) == 5 and sys.argv[1] == "serve":
        Server(*sys.argv[2:]).run()
    else:
        sys.exit(__doc__)


main()
