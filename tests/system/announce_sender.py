#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Announcements that no peer would send, for the system tests (p2p-protocol(7), ANNOUNCEMENTS).

  announce_sender.py ask ADDRESS           asks everybody with questions of many sizes; ends with 0 when there were
                                           answers, and none was longer than its question
  announce_sender.py flood ADDRESS COUNT   sends COUNT datagrams, good and bad ones, as fast as it can; prints how many
                                           answers came
  announce_sender.py leave VICTIM          waits for VICTIM's next announcement to everybody, and says in its name, with
                                           its address as the source, that it leaves; prints "sent"

ADDRESS is the broadcast address of the network.
"""
import json
import os
import random
import socket
import struct
import sys
import time

PORT = 12345
PATIENCE = 60


def question(size=0, port=0, **other):
    fields = {"p2p": 1, "op": "announce", "id": os.urandom(32).hex(), "instance": os.urandom(8).hex(), "port": port,
              "rev": 1, "count": 0}
    fields.update(other)
    return json.dumps(fields, separators=(",", ":")).encode().ljust(size)


def open_socket():
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return opened


def receive_for(opened, seconds):
    """All datagrams that come within a time."""
    got = []
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        opened.settimeout(left)
        try:
            got.append(opened.recvfrom(65536)[0])
        except TimeoutError:
            break
    return got


def ask(address):
    answered = 0
    for size in (0, 150, 180, 200, 250, 300, 600, 1200):
        with open_socket() as opened:
            asked = question(size)
            opened.sendto(asked, (address, PORT))
            for answer in receive_for(opened, 1):
                answered += 1
                if len(answer) > len(asked):
                    sys.exit(f"an answer of {len(answer)} bytes to a question of {len(asked)}")
                told = json.loads(answer)
                if told["op"] != "announce" or told["port"] == 0:
                    sys.exit(f"a strange answer: {answer}")
    # What is to one host only, or malformed, is not answered.
    with open_socket() as opened:
        for bad in (question(1201), question(port=70000), question(port=-1), question(user="\x1b[2J"), b"", b"{}",
                    question()[:-1], b"[" * 1200, question(x=[[[[]]]]), question(op="query"), question(p2p=2),
                    question(id="00"), question(files=[{"name": "../x", "size": 1}]), b"\xff" * 100, os.urandom(1200),
                    os.urandom(9000)):
            opened.sendto(bad, (address, PORT))
        if got := receive_for(opened, 1):
            sys.exit(f"a malformed question was answered: {got[0]}")
    if answered == 0:
        sys.exit("no answer")


def flood(address, count):
    with open_socket() as opened:
        for i in range(count):
            kind = i % 4
            if kind == 0:
                datagram = question(600, port=random.randrange(1024, 65536))
            elif kind == 1:
                datagram = question(600)
            elif kind == 2:
                datagram = os.urandom(random.randrange(1, 1472))
            else:
                datagram = question(op="leave")
            try:
                opened.sendto(datagram, (address, PORT))
            except BlockingIOError:
                time.sleep(0.001)
        print(len(receive_for(opened, 1)))


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def leave(victim):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", PORT))
        listener.settimeout(PATIENCE)
        while True:
            datagram, source = listener.recvfrom(65536)
            heard = json.loads(datagram)
            if source[0] == victim and heard["op"] == "announce":
                break
    said = json.dumps({"p2p": 1, "op": "leave", "id": heard["id"], "instance": heard["instance"]}).encode()
    everybody = victim.rsplit(".", 1)[0] + ".255"
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        udp = struct.pack(">HHHH", 40000, PORT, 8 + len(said), 0) + said
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 1, 17, 0, socket.inet_aton(victim),
                             socket.inet_aton(everybody))
        header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
        for _ in range(2):
            raw.sendto(header + udp, (everybody, 0))
    print("sent")


if __name__ == "__main__":
    mode, *arguments = sys.argv[1:]
    if mode == "ask":
        ask(*arguments)
    elif mode == "flood":
        flood(arguments[0], int(arguments[1]))
    elif mode == "leave":
        leave(*arguments)
    else:
        sys.exit(__doc__)
