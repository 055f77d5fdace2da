"""Damaged packets by the thousand: whatever becomes of them, nothing is sent that should not be."""

import random

from harness.case import Case, Wire
from harness.frames import ip_frame

from .tunnels import EVERY

INNER = ip_frame(length=60)
MUTATIONS = 400


def every_prefix(name, tunnel):
    """A packet cut anywhere before its end is never delivered; its lengths tell."""
    packet = bytes(tunnel.incoming(INNER))
    case = Case(f"hostile-{name}-every-prefix", [Wire(tunnel)])
    for count in range(1, len(packet)):
        case.frame("underlay", packet[:count]).is_not_sent()
    case.decaps(packet, INNER)
    return case


def mutations(name, tunnel):
    """Bytes of the outer headers changed at random, one to three a packet, where it must not pass."""
    packet = bytes(tunnel.incoming(INNER, checksum=True))
    chance = random.Random(name)
    case = Case(f"hostile-{name}-mutations", [Wire(tunnel)])
    for place in must_not_change(tunnel):
        for _ in range(MUTATIONS // 40):
            data = bytearray(packet)
            data[place] ^= chance.randrange(1, 256)
            for _ in range(chance.randrange(3)):
                data[chance.randrange(14, len(data))] = chance.randrange(256)
            if chance.randrange(4) == 0:
                del data[chance.randrange(14, len(data)) :]
            if data[place : place + 1] != packet[place : place + 1]:
                case.frame("underlay", bytes(data)).is_not_sent()
    case.decaps(packet, INNER)
    return case


def must_not_change(tunnel):
    """Offsets of bytes that decide whether a packet is the tunnel's: addresses, protocol, VNI, key."""
    ip_end = 34 if tunnel.family == 4 else 54
    yield from range(ip_end - (8 if tunnel.family == 4 else 32), ip_end)
    yield 23 if tunnel.family == 4 else 20
    if tunnel.is_udp:
        yield from (ip_end + 2, ip_end + 3, *range(ip_end + 12, ip_end + 15))
    elif tunnel.type == "nvgre":
        yield from (ip_end + 2, ip_end + 3, *range(ip_end + 4, ip_end + 7))
    elif tunnel.id is not None:
        yield from (ip_end + 2, ip_end + 3, *range(ip_end + 4, ip_end + 8))
    else:
        yield from (ip_end + 2, ip_end + 3)


def cases():
    for name, tunnel in EVERY.items():
        yield every_prefix(name, tunnel)
        yield mutations(name, tunnel)
