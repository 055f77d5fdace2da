"""Each tunnel type, outer family and attachment kind, both ways."""

from harness.case import Case, Wire
from harness.frames import (
    arp_frame,
    ether,
    ip_frame,
    other_frame,
    padded,
    payload,
    tagged,
    tcp_frame,
)
from harness.tunnel import Tunnel

from .tunnels import EVERY, GRE, VXLAN


def tenant_frames():
    """What tenants send: both IP versions, ARP, and frames that are no IP."""
    yield ip_frame(4)
    yield ip_frame(6)
    yield tcp_frame()
    yield arp_frame()
    yield other_frame()
    # A cross-connect is a wire: what bridges keep to themselves crosses too.
    yield other_frame(dst="01:80:c2:00:00:0e")
    yield other_frame(0x0801, dst="ff:ff:ff:ff:ff:ff", count=1000)
    # A length instead of a type (IEEE 802.3), as spanning tree has it.
    yield other_frame(46, dst="01:80:c2:00:00:00", count=46)


def both_ways(name, wire):
    case = Case(name, [wire])
    for frame in tenant_frames():
        on_port = frame if wire.vlan is None else tagged(frame, wire.vlan, pcp=3, dei=1)
        case.encaps(frame, arrives=on_port)
    for frame in tenant_frames():
        on_port = padded(frame)
        if wire.vlan is not None:
            on_port = padded(tagged(frame, wire.vlan, pcp=wire.pcp or 0))
        case.decaps(wire.tunnel.incoming(frame), on_port, counted=len(frame))
    return case


def attachments():
    for name, tunnel in EVERY.items():
        yield both_ways(f"access-untagged-8p-out-8p-{name}-and-back", Wire(tunnel))
        yield both_ways(f"access-vlan-8p-out-8p-{name}-and-back", Wire(tunnel, vlan=100, pcp=5))
    yield both_ways("access-vlan-8p-default-priority-is-0", Wire(VXLAN[4], vlan=4094))
    yield both_ways("access-vlan-8p-first-vid", Wire(GRE[4], vlan=1, pcp=7))


def priority_tag():
    case = Case("access-1p-priority-tag-out-1p-untagged-vxlan", [Wire(VXLAN[4])])
    case.encaps(ip_frame(), arrives=tagged(ip_frame(), 0, pcp=6))
    return case


def numbers():
    """Ends of the ranges of VNI, key, TTL, DSCP and UDP port."""
    tunnels = {
        "vni-0": Tunnel(id=0),
        "vni-16777215": Tunnel(id=0xFFFFFF),
        "key-0": Tunnel("gre", id=0),
        "key-4294967295": Tunnel("gre", id=0xFFFFFFFF),
        "ttl-1": Tunnel(ttl=1),
        "ttl-255": Tunnel(ttl=255),
        "hop-limit-255": Tunnel("gre", 6, ttl=255),
        "dscp-63": Tunnel(dscp=63),
        "dscp-46-v6": Tunnel(family=6, dscp=46),
        "dscp-46-gre": Tunnel("gre", id=7, dscp=46),
        "udp-port-8472": Tunnel(udp_port=8472),
        "df-set": Tunnel(df="set"),
        "df-clear": Tunnel(df="clear"),
        "df-clear-gre": Tunnel("gre", id=None, df="clear"),
        "udp-checksum-v4": Tunnel(udp_checksum=True),
        "udp-checksum-v6": Tunnel(family=6, udp_checksum=True),
    }
    for name, tunnel in tunnels.items():
        yield both_ways(f"access-8p-out-8p-{name}-and-back", Wire(tunnel))


def received_fields():
    """What a tunnel packet may carry without losing its way: it is no part of the match."""
    for family in (4, 6):
        wire = Wire(VXLAN[family])
        case = Case(f"underlay-6p-vxlan-v{family}-any-ttl-dscp-port-checksum-out-6p", [wire])
        ttl = "ttl" if family == 4 else "hlim"
        case.decaps(wire.tunnel.incoming(ip_frame(), **{ttl: 1}), ip_frame())
        case.decaps(wire.tunnel.incoming(ip_frame(), dscp=63), ip_frame())
        case.decaps(wire.tunnel.incoming(ip_frame(), sport=1), ip_frame())
        case.decaps(wire.tunnel.incoming(ip_frame(), checksum=True), ip_frame())
        # An odd number of bytes under the checksum.
        case.decaps(wire.tunnel.incoming(ip_frame(length=101), checksum=True), ip_frame(length=101))
        case.decaps(wire.tunnel.incoming(ip_frame(6), checksum=True), ip_frame(6))
        yield case


def padding():
    """Ethernet padding is neither carried nor kept, and what is short on output gets zeros."""
    short = bytes(ether(type=0x88B5)) + payload(1)
    case = Case("access-and-underlay-short-frames-are-padded-with-zeros", [Wire(VXLAN[4])])
    # Frames that leave bytes behind in packet memory, where the short ones come to lie.
    for _ in range(4):
        case.encaps(ip_frame(length=1400))
    case.decaps(VXLAN[4].incoming(short), padded(short), counted=15)
    case.decaps(VXLAN[4].incoming(arp_frame()), padded(arp_frame()), counted=42)
    case.encaps(short)
    yield case
    case = Case("underlay-padding-behind-the-datagram-does-not-reach-the-tenant", [Wire(GRE[4])])
    trailer = b"\xee" * 6
    for inner in (short, arp_frame(), ip_frame(length=29)):
        packet = bytes(GRE[4].incoming(inner)) + trailer
        case.decaps(packet, padded(inner), counted=len(inner))
    yield case
    case = Case("underlay-udp-length-short-of-the-ip-payload-ends-the-frame", [Wire(VXLAN[4])])
    packet = VXLAN[4].incoming(ip_frame() + trailer)
    packet["UDP"].len = 16 + len(ip_frame())
    case.decaps(packet, ip_frame())
    yield case
    tagged_wire = Wire(VXLAN[6], vlan=100)
    case = Case("underlay-1p-short-out-1p-tagged-60-bytes", [tagged_wire])
    case.decaps(VXLAN[6].incoming(short), padded(tagged(short, 100)), counted=15)
    yield case


def cases():
    yield from attachments()
    yield priority_tag()
    yield from numbers()
    yield from received_fields()
    yield from padding()
