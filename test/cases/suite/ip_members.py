"""GRE tunnels that carry IP packets, attachments joined with them, and what passes between the two."""

from dataclasses import dataclass, replace
from typing import Optional

from harness.case import Attachment
from harness.choices import Plain
from harness.frames import ACCESS_MAC, HOST_A, ip_frame, padded, patched
from harness.tunnel import Tunnel
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

ETHERNET = 14
IP_TYPE = {4: 0x0800, 6: 0x86DD}
BROADCAST = "ff:ff:ff:ff:ff:ff"


@dataclass(frozen=True)
class IpTunnel(Tunnel):
    """A GRE tunnel with `payload: "ip"`; what it carries has no Ethernet header."""

    type: str = "gre"
    id: Optional[int] = None
    proto: int = IP_TYPE[4]

    def config(self, name):
        return super().config(name) | {"payload": "ip"}

    def carrying(self, inner):
        version = bytes(inner)[:1] and bytes(inner)[0] >> 4
        return replace(self, proto=IP_TYPE.get(version, IP_TYPE[4]))

    def gre_layer(self, key, sequence=None, checksum=False, **header):
        return super().gre_layer(key, sequence, checksum, **({"proto": self.proto} | header))

    def incoming(self, inner, **fields):
        return Tunnel.incoming(self.carrying(inner), inner, **fields)

    def outgoing(self, inner, *fields, **more):
        return Tunnel.outgoing(self.carrying(inner), inner, *fields, **more)


@dataclass(frozen=True)
class IpAttachment(Attachment):
    """An attachment whose neighbor's MAC is given."""

    next_hop_mac: Optional[str] = HOST_A

    def config(self):
        return super().config() | {"nextHopMac": self.next_hop_mac}


LEARNS = Attachment()
GIVEN = IpAttachment()
PLAIN = {4: IpTunnel(), 6: IpTunnel(family=6)}
TUNNELS = {
    "plain": PLAIN,
    "key": {f: IpTunnel(family=f, id=0xA0B0C0D0) for f in (4, 6)},
    "key-checksum": {f: IpTunnel(family=f, id=7, checksum="require") for f in (4, 6)},
}


def packet(family=4, length=100, **fields):
    """An IP packet of a tenant."""
    return ip_frame(family, length, **fields)[ETHERNET:]


def framed(inner, dst=ACCESS_MAC, src=HOST_A):
    """The frame with which it comes from, or with `dst` and `src` turned goes to, the neighbor."""
    return bytes(Ether(dst=dst, src=src, type=IP_TYPE[inner[0] >> 4]) / Raw(inner))


def to_host(inner, mac=HOST_A):
    return padded(framed(inner, dst=mac, src=ACCESS_MAC))


def enters(case, link, inner, frame=None, ecn=0, counted=None, **outer):
    """The packet leaves the attachment's port and enters the tunnel."""
    lan, tunnel = link.a, link.b
    frame = framed(inner) if frame is None else frame
    step = case.frame(lan.port, frame)
    counted = len(framed(inner)) if counted is None else counted
    out = tunnel.encap(inner, ecn, None, **outer)
    step.sends("underlay", out, None, counted, link.ends(lan), counted_out=len(inner))


def leaves(case, link, arrives, inner, mac=HOST_A, frame=None):
    """The tunnel packet leaves by the attachment."""
    frame = to_host(inner, mac) if frame is None else frame
    step = case.frame("underlay", arrives)
    size = len(framed(inner))
    out = Plain(bytes(frame))
    step.sends(link.a.port, out, None, len(inner), link.ends(link.b), counted_out=size)


def own_ends(link):
    return (link.tenant, link.a.name, link.a.name)


def consumed(case, link, frame, counted=None):
    step = case.frame(link.a.port, frame)
    step.is_consumed(own_ends(link), len(bytes(frame)) if counted is None else counted)


def answered(case, link, frame, answer, counted=None, out=None):
    """`out`: how the answer looks on the port, if it is not only padded."""
    step = case.frame(link.a.port, frame)
    counted = len(bytes(frame)) if counted is None else counted
    sent = padded(bytes(answer)) if out is None else out
    step.is_answered(Plain(sent), own_ends(link), counted, len(bytes(answer)))


def refused(case, link, frame, reason, counted=None):
    """By the attachment."""
    frame = bytes(frame)
    case.refuses(link, link.a, frame, reason, len(frame) if counted is None else counted)


def rejected(case, link, arrives, reason, inner):
    """By the tunnel; `inner` is what stands behind its header."""
    case.refuses(link, link.b, arrives, reason, len(inner))


def with_ttl(family, ttl, **fields):
    """A packet with a right checksum."""
    if family == 6:
        return patched(packet(6, **fields), 7, bytes([ttl]))
    ip = IP(packet(4, **fields))
    ip.ttl = ttl
    del ip.chksum
    return bytes(ip)
