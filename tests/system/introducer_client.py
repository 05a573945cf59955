# SPDX-License-Identifier: MIT
"""Speaks to an introducer for tests/system/introducer.sh.

usage: introducer_client.py INTRODUCER say REQUEST...        prints the answers
       introducer_client.py INTRODUCER crowd PREFIX COUNT    COUNT peers join, each from an address of its own
       introducer_client.py INTRODUCER sybils ADDRESS COUNT  COUNT ids join from one address
       introducer_client.py INTRODUCER hostile PREFIX        what must not hurt it
       introducer_client.py INTRODUCER crowded PREFIX        more connections than it has descriptors, then an answer
"""
import random
import socket
import sys
import time

INTRODUCER = (sys.argv[1], 7494)
PATIENCE = 50  # seconds; only a hang lasts so long


def connect(source=None):
    return socket.create_connection(INTRODUCER, PATIENCE, (source, 0) if source else None)


def read_all(connection):
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
    except ConnectionResetError:
        pass
    return data


def talk(data, source=None):
    with connect(source) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def peers_of(answer):
    """The peers of one answer to JOIN, checked to the byte."""
    head, _, content = answer.partition(b"\r\n")
    code, message, length = head.split(b" ")
    assert (code, message) == (b"200", b"OK"), answer
    assert int(length) == len(content), answer
    peers = [line.split(b",") for line in content.split(b"\r\n")[:-1]]
    assert [peer[0] for peer in peers] == [b"%d" % (i + 1) for i in range(len(peers))], answer
    return [(peer[1].decode(), peer[2].decode(), int(peer[3])) for peer in peers]


def crowd(prefix, count):
    joined = []
    for i in range(count):
        address = f"{prefix}.{i // 250}.{i % 250 + 1}"
        name = address.replace(".", "-")
        peers = peers_of(talk(f"JOIN {name} {address} {2000 + i}\r\n".encode(), address))
        # The last five that joined, newest first.
        want = joined[:-6:-1]
        assert peers[: len(want)] == want, (peers, want)
        assert len(peers) <= 5, peers
        joined.append((name, address, 2000 + i))


def sybils(address, count):
    for i in range(count):
        while not talk(f"JOIN s{i} {address} {3000 + i}\r\n".encode(), address).startswith(b"200 "):
            time.sleep(0.2)


def is_closed(connection):
    """True when the other end closes before long, whatever it says first."""
    connection.settimeout(PATIENCE)
    read_all(connection)
    return True


def is_closed_while_trickling(connection):
    connection.settimeout(0.2)
    try:
        for _ in range(PATIENCE * 5):
            connection.sendall(b"J")
            try:
                if not connection.recv(1):
                    return True
            except socket.timeout:
                pass
    except (ConnectionResetError, BrokenPipeError):
        return True
    return False


def still_answers(address):
    assert talk(b"LEAVE nobody\r\n", address) == b"200 OK 0\r\n"


def hostile(prefix):
    random.seed(1)
    # T19: as fast as it goes from one address; others do not notice.
    answer = talk(b"LEAVE nobody\r\n" * 1000, f"{prefix}.100.1")
    assert answer.endswith(b"200 OK 0\r\n429 TOO MANY REQUESTS 0\r\n"), answer[-100:]
    assert answer.count(b"200 ") < 500, answer.count(b"200 ")
    still_answers(f"{prefix}.100.2")
    # T01: a line without an end.
    with connect(f"{prefix}.100.3") as connection:
        connection.sendall(b"A" * 8192)
        assert read_all(connection) == b"422 MALFORMED 0\r\n"
    # Noise: whatever it is answered with, it is answered or closed.
    for i in range(200):
        noise = random.randbytes(random.randrange(1, 3000))
        try:
            talk(noise + b"\r\n", f"{prefix}.101.{i + 1}")
        except ConnectionResetError:
            pass
    still_answers(f"{prefix}.100.4")
    # T17: connections that say nothing: a few from one address, and of all a bounded number.
    silent = [connect(f"{prefix}.100.5") for _ in range(20)]
    assert sum(1 for connection in silent[8:] if is_closed(connection)) == 12
    still_answers(f"{prefix}.100.6")
    for i in range(70):
        for _ in range(8):
            silent.append(connect(f"{prefix}.102.{i + 1}"))
    # T16: all of them are closed in time, one that trickles bytes as well.
    assert is_closed_while_trickling(connect(f"{prefix}.100.7"))
    assert all(is_closed(connection) for connection in silent)
    still_answers(f"{prefix}.100.8")


def crowded(prefix):
    silent = [connect(f"{prefix}.110.{i % 10 + 1}") for i in range(60)]
    time.sleep(1.5)  # It comes back to those that wait, more than once.
    for connection in silent:
        connection.close()
    still_answers(f"{prefix}.110.20")


command, arguments = sys.argv[2], sys.argv[3:]
if command == "say":
    answers = talk("".join(request + "\r\n" for request in arguments).encode())
    print(answers.decode().replace("\r\n", "\n"), end="")
elif command == "crowd":
    crowd(arguments[0], int(arguments[1]))
elif command == "sybils":
    sybils(arguments[0], int(arguments[1]))
elif command == "crowded":
    crowded(arguments[0])
else:
    hostile(arguments[0])
