"""The ICMP errors that the gateway makes, as scapy makes them."""

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6
from scapy.packet import Raw

# A message is at most this long, its IP header included.
MOST = {4: 576, 6: 1280}
IP_TYPES = (0x0800, 0x86DD)
TAG_TYPES = (0x8100, 0x88A8)


def ip_offset(frame):
    """Where the IP header of an Ethernet frame starts."""
    at = 12
    while int.from_bytes(frame[at : at + 2], "big") in TAG_TYPES:
        at += 4
    return at + 2


def too_big_packet(packet, mtu):
    """The message about an IP packet, without Ethernet header."""
    if packet[0] >> 4 == 4:
        ip = IP(packet)
        head = IP(src=ip.dst, dst=ip.src, ttl=ip.ttl, tos=0, id=0, flags="DF")
        return bytes(head / ICMP(type=3, code=4, nexthopmtu=mtu) / Raw(packet[: min(ip.len, MOST[4] - 28)]))
    ip = IPv6(packet)
    head = IPv6(src=ip.dst, dst=ip.src, hlim=ip.hlim, tc=0, fl=0)
    quote = packet[: min(40 + ip.plen, MOST[6] - 48)]
    return bytes(head / ICMPv6PacketTooBig(mtu=mtu) / Raw(quote))


def too_big(frame, mtu):
    """The message about an Ethernet frame: MAC addresses swapped, its tags kept."""
    frame = bytes(frame)
    at = ip_offset(frame)
    link = frame[6:12] + frame[:6] + frame[12:at]
    return link + too_big_packet(frame[at:], mtu)
