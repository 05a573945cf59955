# SPDX-License-Identifier: MIT
"""Speaks to a running peer's control socket as p2p-protocol(7) describes it; for tests/system/control_socket.sh.

usage: control_client.py SOCKET REQUEST...   prints the final line of each answer and then its data lines; what stands
                                             behind a request ... is sent when the first answer begins to come
       control_client.py SOCKET --connect    prints what a client that says nothing is told, to the end
"""
import json
import os
import socket
import sys

PATIENCE = 60  # seconds; only a hang lasts so long


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    folder = os.open(os.path.dirname(path) or ".", os.O_PATH)
    # A Unix address holds 107 bytes.
    connection.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
    return connection


def answers(stream, count, send_rest):
    """The final head line and the data lines of each answer, checked to the byte."""
    for _ in range(count):
        lines = []
        while True:
            head = stream.readline()
            assert head.endswith(b"\r\n") and len(head) <= 256, head
            code, rest = head[:-2].split(b" ", 1)
            message, length = rest.rsplit(b" ", 1)
            assert len(code) == 3 and int(length) <= 1048576, head
            content = stream.read(int(length))
            assert len(content) == int(length), (head, content)
            for line in content.split(b"\r\n")[:-1]:
                assert len(line) <= 65536 and b"\r" not in line and b"\n" not in line, line
                assert "event" in json.loads(line), line
                lines.append(line)
            assert content == b"".join(line + b"\r\n" for line in lines[len(lines) - content.count(b"\r\n"):]), content
            if code != b"100":
                break
            assert message == b"CONTINUE", head
            send_rest()
        yield (code + b" " + message).decode(), lines


with connect(sys.argv[1]) as client:
    if sys.argv[2] == "--connect":
        print(client.recv(1))
        sys.exit()
    requests = [request for request in sys.argv[2:] if request != "..."]
    first = sys.argv[2:].index("...") if "..." in sys.argv else len(requests)
    parts = [requests[:first], requests[first:]]

    def send_next():
        if parts:
            client.sendall("".join(request + "\r\n" for request in parts.pop(0)).encode())

    send_next()
    with client.makefile("rb") as stream:
        for final, lines in answers(stream, len([one for one in requests if one != "CANCEL"]), send_next):
            print(final)
            for line in lines:
                print(line.decode())
