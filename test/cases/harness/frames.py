"""Tenants' frames and the addresses of the test network, made by scapy."""

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw

# Ports have no interface here, so their MAC addresses follow from their position in the file.
UNDERLAY_MAC = "02:00:00:00:00:01"
ACCESS_MAC = "02:00:00:00:00:02"
NEXT_HOP_MAC = "02:0a:00:00:00:fe"
HOST_A = "02:0b:00:00:00:0a"
HOST_B = "02:0b:00:00:00:0b"

LOCAL = {4: "192.0.2.1", 6: "2001:db8::1"}
REMOTE = {4: "198.51.100.7", 6: "2001:db8:7::7"}
STRANGER = {4: "203.0.113.9", 6: "2001:db8:9::9"}

IP_BYTES = {4: 20, 6: 40}
# Where the header behind the outer IP header starts in an untagged frame.
L4_OFFSET = {4: 34, 6: 54}


def payload(count):
    """Bytes that differ from each other and from zero, so that a shift or lost padding shows."""
    return bytes(1 + i % 251 for i in range(count))


def ether(dst=HOST_B, src=HOST_A, **fields):
    return Ether(dst=dst, src=src, **fields)


def ip_frame(family=4, length=100, ecn=0, dscp=0, sport=1000, dport=2000, src=None, dst=None):
    """A UDP datagram between two hosts of a tenant; `length` is that of the IP packet."""
    traffic_class = dscp << 2 | ecn
    if family == 4:
        ip = IP(src=src or "10.0.0.1", dst=dst or "10.0.0.2", tos=traffic_class, id=7)
    else:
        ip = IPv6(src=src or "fd00::1", dst=dst or "fd00::2", tc=traffic_class)
    body = payload(length - IP_BYTES[family] - 8)
    return bytes(ether() / ip / UDP(sport=sport, dport=dport) / Raw(body))


def tcp_frame(sport=1000, dport=80, src="10.0.0.1", dst="10.0.0.2"):
    return bytes(ether() / IP(src=src, dst=dst) / TCP(sport=sport, dport=dport) / Raw(payload(40)))


def arp_frame():
    request = ARP(op=1, hwsrc=HOST_A, psrc="10.0.0.1", pdst="10.0.0.2")
    return bytes(ether(dst="ff:ff:ff:ff:ff:ff") / request)


def other_frame(ether_type=0x88B5, dst=HOST_B, count=50):
    """A frame whose payload is not IP."""
    return bytes(ether(dst=dst, type=ether_type) / Raw(payload(count)))


def tagged(frame, *vids, pcp=0, dei=0, tpid=0x8100):
    """`frame` with tags behind its MAC addresses, the first of `vids` outermost, of type `tpid`."""
    kind = int.from_bytes(frame[12:14], "big")
    types = [0x8100] * (len(vids) - 1) + [kind]
    tags = [Dot1Q(vlan=vid, prio=pcp, id=dei, type=type) for vid, type in zip(vids, types)]
    return frame[:12] + tpid.to_bytes(2, "big") + b"".join(map(bytes, tags)) + frame[14:]


def stacked(frame, *tags, pcp=0, dei=0):
    """`frame` with tags behind its MAC addresses: (TPID, VID) or (TPID, VID, PCP), outermost first."""
    out = b""
    for tpid, vid, *own in tags:
        tci = (own[0] if own else pcp) << 13 | dei << 12 | vid
        out += tpid.to_bytes(2, "big") + tci.to_bytes(2, "big")
    return frame[:12] + out + frame[12:]


def padded(frame, count=60):
    return frame + bytes(max(0, count - len(frame)))


def patched(frame, offset, replacement):
    """`frame` with the bytes at `offset` overwritten; nothing else is mended."""
    data = bytearray(bytes(frame))
    data[offset : offset + len(replacement)] = replacement
    return bytes(data)
