#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the captures of this folder, byte by byte: no code of the project has a part in them."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
ALL = b"\xff" * 6
OURS = bytes.fromhex("020000000001")
US = "10.0.0.1"


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip(text):
    return bytes(int(part) for part in text.split("."))


def arp(op, sender_mac, sender, target_mac, target, to=OURS, ethernet_type=b"\x08\x06", hardware=1, protocol=0x0800,
        hlen=6, plen=4, pad=True):
    frame = to + sender_mac + ethernet_type
    frame += struct.pack(">HHBBH", hardware, protocol, hlen, plen, op)
    frame += sender_mac + ip(sender) + target_mac + ip(target)
    return frame.ljust(60, b"\0") if pad else frame


def reply(sender_mac, sender, **more):
    return arp(2, mac(sender_mac), sender, OURS, US, **more)


def write(name, frames):
    with open(os.path.join(HERE, name), "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            out.write(struct.pack("<IIII", 1700000000, number * 1000, len(frame), len(frame)) + frame)


write("arp_hosts.pcap", [
    reply("00:1b:21:00:00:07", "10.0.0.7"),
    reply("00:1b:21:00:00:07", "10.0.0.7"),  # the same answer twice
    reply("00:1b:21:00:00:09", "10.0.0.9", to=ALL),  # to everybody
    arp(1, mac("00:1b:21:00:00:0b"), "10.0.0.11", bytes(6), "10.0.0.11", to=ALL),  # an announcement
    arp(1, mac("00:1b:21:00:00:0d"), "10.0.0.13", bytes(6), "10.0.0.254", to=ALL),  # a neighbour asks
    reply("00:1b:21:00:00:0f", "10.0.0.15", pad=False),
    reply("00:1b:21:00:00:11", "10.0.0.17", ethernet_type=b"\x81\x00\xe0\x00\x08\x06"),  # a priority tag
])

write("arp_verdicts.pcap", [
    reply("00:1b:21:00:00:07", "10.0.0.7"),
    reply("00:1b:21:00:00:77", "10.0.0.7"),  # a second machine
    *[reply("02:fe:00:00:00:01", "10.0.0.%d" % last) for last in range(100, 106)],  # one machine for six addresses
    reply("00:1b:21:00:00:66", "10.0.0.102"),  # but there is a host at one of them
])

good = reply("00:bd:00:00:00:01", "10.0.0.66")
write("arp_malformed.pcap", [
    reply("00:1b:21:00:00:07", "10.0.0.7"),
    *[good[:length] for length in range(1, 42)],
    reply("00:bd:00:00:00:01", "10.0.0.66", hardware=6),
    reply("00:bd:00:00:00:01", "10.0.0.66", protocol=0x86DD),
    reply("00:bd:00:00:00:01", "10.0.0.66", hlen=8),
    reply("00:bd:00:00:00:01", "10.0.0.66", hlen=255, plen=255),
    reply("00:bd:00:00:00:01", "10.0.0.66", hlen=0, plen=0),
    reply("00:bd:00:00:00:01", "10.0.0.66", plen=16),
    arp(0, mac("00:bd:00:00:00:01"), "10.0.0.66", OURS, US),
    arp(3, mac("00:bd:00:00:00:01"), "10.0.0.66", OURS, US),
    arp(9, mac("00:bd:00:00:00:01"), "10.0.0.66", OURS, US),
    reply("00:00:00:00:00:00", "10.0.0.66"),
    reply("ff:ff:ff:ff:ff:ff", "10.0.0.66"),
    reply("01:00:5e:00:00:01", "10.0.0.66"),
    reply("00:bd:00:00:00:01", "0.0.0.0"),
    reply("00:bd:00:00:00:01", "127.0.0.1"),
    reply("00:bd:00:00:00:01", "224.0.0.251"),
    reply("00:bd:00:00:00:01", "255.255.255.255"),
    reply("00:bd:00:00:00:01", "10.0.0.66", ethernet_type=b"\x81\x00\x00\x2a\x08\x06"),  # another VLAN
    reply("00:bd:00:00:00:01", "10.0.0.66", ethernet_type=b"\x88\xa8\x00\x00\x08\x06"),  # a provider's VLAN
    reply("00:bd:00:00:00:01", "10.0.0.66", ethernet_type=b"\x80\x35"),  # RARP
    reply("00:bd:00:00:00:01", "10.0.0.66", ethernet_type=b"\x08\x00"),  # IPv4
])
