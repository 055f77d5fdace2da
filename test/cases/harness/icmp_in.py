"""ICMP errors from the underlay about packets that the gateway sent, as scapy makes them."""

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

# A router between the gateway and its peers.
MIDDLE = {4: "203.0.112.1", 6: "2001:db8:8::1"}
# Where the ICMP checksum stands in an untagged frame.
CHECKSUM_OFFSET = {4: 36, 6: 56}


def quote_of(tunnel, inner, **outer):
    """The packet that the tunnel makes of `inner`, from its IP header on; the router took a hop."""
    sent = tunnel.outgoing(bytes(inner), 0, tunnel.made_up(3), **outer)
    layer = IP if tunnel.family == 4 else IPv6
    start = 14 if tunnel.port_vlan is None else 18
    packet = layer(sent[start:])
    if tunnel.family == 4:
        packet.ttl -= 1
        packet.chksum = None
        return bytes(packet)[:20] + sent[start + 20 :]
    packet.hlim -= 1
    return bytes(packet)[:40] + sent[start + 40 :]


def error(tunnel, icmp, quote, source=None):
    """The frame of an ICMP error to the gateway; `quote` as it stands in it."""
    ends = {"src": source or MIDDLE[tunnel.family], "dst": tunnel.local_address}
    ip = IP(ttl=60, id=9, **ends) if tunnel.family == 4 else IPv6(hlim=60, **ends)
    mac = tunnel.ethernet(tunnel.port_mac, tunnel.next_hop_mac)
    return bytes(mac / ip / icmp / Raw(quote))


def too_big(tunnel, inner, mtu, size=None, source=None, **outer):
    """`size`: bytes of quote, all that fits by default."""
    if tunnel.family == 4:
        icmp, most = ICMP(type=3, code=4, nexthopmtu=mtu), 576 - 28
    else:
        icmp, most = ICMPv6PacketTooBig(mtu=mtu), 1280 - 48
    return error(tunnel, icmp, quote_of(tunnel, inner, **outer)[: most if size is None else size], source)


def mended(packet, offset, word):
    """`packet` with the four bytes at `offset` of its ICMP header replaced, and the checksum made
    right again by adding what changed (RFC 1624)."""
    old = int.from_bytes(packet[offset : offset + 4], "big")
    family = 4 if packet[12:14] == b"\x08\x00" else 6
    at = CHECKSUM_OFFSET[family]
    total = ~int.from_bytes(packet[at : at + 2], "big") & 0xFFFF
    for half in (~old & 0xFFFF, ~(old >> 16) & 0xFFFF, word & 0xFFFF, word >> 16):
        total += half
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    checksum = (~total & 0xFFFF).to_bytes(2, "big")
    made = packet[:offset] + word.to_bytes(4, "big") + packet[offset + 4 :]
    return made[:at] + checksum + made[at + 2 :]


def quoted_inner(tunnel, inner, size=None):
    """As much of the tenant's frame as `too_big` shows."""
    quote = quote_of(tunnel, inner)
    most = (576 - 28 if tunnel.family == 4 else 1280 - 48) if size is None else size
    return quote[:most][len(quote) - len(inner) :]


def told(shown, icmp):
    """The message to the sender of a frame of which `shown` is known: from its destination."""
    link, packet = shown[:14], shown[14:]
    return link[6:12] + link[:6] + link[12:] + told_packet(packet, icmp)


def told_packet(packet, icmp):
    """The same where IP packets have no frame."""
    if packet[0] >> 4 == 4:
        ip = IP(packet)
        head = IP(src=ip.dst, dst=ip.src, ttl=ip.ttl, id=0, flags="DF")
        return bytes(head / icmp / Raw(packet[: min(ip.len, 576 - 28)]))
    ip = IPv6(packet)
    head = IPv6(src=ip.dst, dst=ip.src, hlim=ip.hlim)
    return bytes(head / icmp / Raw(packet[: min(ip.plen + 40, 1280 - 48)]))


def whole(frame):
    """An IPv4 frame that may not be fragmented."""
    packet = Ether(frame)
    if IP in packet:
        packet[IP].flags, packet[IP].chksum = "DF", None
    return bytes(packet)
