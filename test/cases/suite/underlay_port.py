"""`ports[].vlan` and `ports[].tunnels`: where tunnel packets are taken, and in which tag they go."""

from dataclasses import replace
from itertools import product

from harness.case import Attachment, Case, Link, Wire, default_gateway
from harness.choices import Plain
from harness.frames import (
    HOST_A,
    NEXT_HOP_MAC,
    UNDERLAY_MAC,
    ip_frame,
    padded,
    patched,
    stacked,
    tagged,
)
from harness.tunnel import Tunnel
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether

from .tunnels import EVERY, GRE, KINDS, OVERHEAD, VXLAN

INNER = ip_frame()
C, S = 0x8100, 0x88A8
# To the gateway's own address and MAC, and no tunnel packet.
PING = bytes(
    Ether(dst=UNDERLAY_MAC, src=NEXT_HOP_MAC) / IP(src="198.51.100.7", dst="192.0.2.1") / ICMP()
)


def in_vlan(wires, name, vid=7):
    case = Case(name, wires)
    case.gateway["ports"][0]["vlan"] = vid
    return case


def retagged(packet, *tags):
    """The untagged frame of a tunnel packet in other tags."""
    return stacked(bytes(packet), *tags)


def both_ways():
    """Sent with the tag, priority 0; taken with it, whatever its priority."""
    for name, tunnel in EVERY.items():
        for vid in (1, 7, 4094):
            wire = Wire(replace(tunnel, port_vlan=vid), vlan=100)
            case = in_vlan([wire], f"underlay-vlan-{vid}-{name}-both-ways", vid)
            for frame in (INNER, ip_frame(6), ip_frame(length=28)):
                case.encaps(frame, arrives=tagged(frame, 100, pcp=5))
                leaves = padded(tagged(frame, 100))
                case.decaps(wire.tunnel.incoming(frame), leaves, counted=len(frame))
            for pcp, dei in ((0, 0), (7, 1), (3, 0)):
                plain = tunnel.incoming(INNER)
                packet = stacked(bytes(plain), (C, vid, pcp), dei=dei)
                case.decaps(packet, tagged(INNER, 100), wire)
            yield case


def other_tags():
    """Exactly that tag: without it, or with any other, the kernel's."""
    for kind in KINDS:
        tunnel = KINDS[kind][4]
        wire = Wire(replace(tunnel, port_vlan=7))
        case = in_vlan([wire], f"underlay-vlan-{kind}-other-tags-to-kernel")
        plain = bytes(tunnel.incoming(INNER))
        for tags in (
            (),
            ((C, 0),),
            ((C, 6),),
            ((C, 8),),
            ((S, 7),),
            ((C, 7), (C, 7)),
            ((S, 7), (C, 7)),
            ((C, 7), (C, 0)),
            ((C, 0), (C, 7)),
        ):
            case.frame("underlay", retagged(plain, *tags)).to_kernel()
        case.decaps(retagged(plain, (C, 7)), INNER)
        # To another MAC, or to another address, in the right tag.
        other = patched(retagged(plain, (C, 7)), 0, bytes.fromhex(HOST_A.replace(":", "")))
        case.frame("underlay", other).to_kernel()
        yield case


def broken_in_a_vlan():
    """Every check stands where it stood, four bytes on."""
    for family in (4, 6):
        tunnel = replace(VXLAN[family], port_vlan=7)
        wire = Wire(tunnel)
        case = in_vlan([wire], f"underlay-vlan-vxlan-v{family}-broken-out-0p")
        good = bytes(tunnel.incoming(INNER, checksum=True))
        case.frame("underlay", patched(good, tunnel.l4_offset + 4, b"\x00\x07")).drops("udp_length")
        case.frame("underlay", patched(good, len(good) - 1, b"\xff")).drops("bad_outer_checksum")
        case.frame("underlay", tunnel.with_id(1).incoming(INNER)).drops("unknown_vni")
        case.frame("underlay", good[: tunnel.l4_offset + 12]).drops("truncated")
        case.frame("underlay", good[:-1]).drops("bad_outer_header")
        padding = good + b"\xee" * 9
        case.decaps(padding, INNER)
        for count in range(1, tunnel.l4_offset + 4):
            case.frame("underlay", good[:count]).to_kernel()
        yield case


def sizes_in_a_vlan():
    """The underlay's MTU is one of IP: the tag does not count."""
    for name, tunnel in EVERY.items():
        wire = Wire(replace(tunnel, port_vlan=7))
        case = in_vlan([wire], f"underlay-vlan-{name}-mtu")
        largest = 1500 - OVERHEAD[name]
        case.encaps(ip_frame(length=largest))
        over = ip_frame(length=largest + 1)
        case.frame("access", over).drops("too_big", wire, len(over))
        yield case


def headroom_in_a_vlan():
    for name, need in (("vxlan-v4", 54), ("vxlan-v6", 74)):
        wire = Wire(replace(EVERY[name], port_vlan=7))
        case = in_vlan([wire], f"underlay-vlan-{name}-fills-the-headroom")
        for port in case.gateway["ports"]:
            port["reservedHeadroom"] = 256 - need
        case.encaps(INNER)
        case.decaps(wire.tunnel.incoming(INNER), INNER)
        yield case


def shared_port(**keys):
    """One port for tunnels and attachments."""
    gateway = default_gateway()
    gateway["ports"][0] |= {"tunnels": True} | keys
    return gateway


def taken_before_attachments():
    """On a port with both, tunnel packets come first; all else is the attachments'."""
    for kind, vlan in product(KINDS, (None, "any")):
        tunnel = KINDS[kind][4]
        wire = Wire(tunnel, port="underlay", vlan=vlan)
        case = Case(f"shared-port-{kind}-and-{vlan or 'untagged'}", [wire], shared_port())
        packet = tunnel.incoming(INNER)
        decapsulated(case, wire, packet, INNER)
        encapsulated(case, wire, INNER, INNER)
        # Not to the port's MAC, not to an endpoint, or no tunnel packet: a tenant's frame.
        mac = Ether(dst=HOST_A, src=NEXT_HOP_MAC)
        elsewhere = replace(tunnel, local="192.0.2.3").incoming(INNER)
        for frame in (mac / packet.payload, PING, elsewhere):
            encapsulated(case, wire, bytes(frame), bytes(frame))
        in_tag = tagged(bytes(packet), 7)
        if vlan is None:
            case.frame("underlay", in_tag).to_kernel()
        elif kind == "nvgre":
            step = case.frame("underlay", in_tag)
            step.drops("tag_mismatch", counted=len(in_tag), ends=wire.inwards())
        else:
            encapsulated(case, wire, in_tag, in_tag)
        # Broken, yet ours: not the attachment's either.
        case.frame("underlay", patched(bytes(packet), 24, b"\x00\x01")).drops("bad_outer_checksum")
        case.wild = True
        yield case


def encapsulated(case, wire, frame, arrives):
    step = case.frame("underlay", arrives)
    step.sends("underlay", wire.tunnel.encap(frame), None, len(frame), wire.inwards())


def decapsulated(case, wire, packet, leaves, counted=None):
    step = case.frame("underlay", packet)
    step.sends("underlay", Plain(leaves), None, counted or len(leaves), wire.outwards())


def taken_before_attachments_in_a_vlan():
    """The tunnels' tag may be an attachment's too."""
    tunnel = Tunnel(port_vlan=7)
    wire = Wire(tunnel, port="underlay", vlan=7)
    case = Case("shared-port-vlan-7-for-tunnels-and-attachment", [wire], shared_port(vlan=7))
    decapsulated(case, wire, tunnel.incoming(INNER), tagged(INNER, 7), len(INNER))
    encapsulated(case, wire, INNER, tagged(INNER, 7))
    encapsulated(case, wire, PING, tagged(PING, 7))
    case.frame("underlay", Tunnel().incoming(INNER)).to_kernel()
    yield case
    lan = Attachment("lan", "underlay", 5)
    link = Link(lan, replace(tunnel, name="tun"))
    case = Case("shared-port-vlan-7-for-tunnels-5-for-attachment", [link], shared_port(vlan=7))
    step = case.frame("underlay", tagged(INNER, 5))
    step.sends("underlay", tunnel.encap(INNER), None, len(INNER), link.ends(lan))
    step = case.frame("underlay", tunnel.incoming(INNER))
    step.sends("underlay", Plain(tagged(INNER, 5)), None, len(INNER), link.ends(link.b))
    # A tunnel packet in the attachment's tag is a tenant's frame.
    frame = bytes(Tunnel().incoming(INNER))
    step = case.frame("underlay", tagged(frame, 5))
    step.sends("underlay", tunnel.encap(frame), None, len(frame), link.ends(lan))
    case.wild = True
    yield case


def blocked_on_a_shared_port():
    wire = Wire(VXLAN[4], port="underlay", vlan="any")
    case = Case("shared-port-blocked-sources-first", [wire], shared_port())
    case.gateway["block"] = ["198.51.100.7/32", "10.0.0.0/8"]
    case.frame("underlay", VXLAN[4].incoming(INNER)).drops("blocked_source")
    case.frame("underlay", INNER).drops("blocked_source")
    yield case


def not_taken():
    """Without attachments too, a port may be told to take none; what is sent there still is."""
    for kind in KINDS:
        tunnel = KINDS[kind][4]
        wire = Wire(tunnel)
        case = Case(f"underlay-tunnels-false-{kind}-to-kernel", [wire])
        case.gateway["ports"][0]["tunnels"] = False
        case.gateway["ports"].append({"name": "second"})
        packet = tunnel.incoming(INNER)
        case.frame("underlay", packet).to_kernel()
        case.encaps(INNER)
        arrived = Ether(dst="02:00:00:00:00:03", src=NEXT_HOP_MAC) / packet.payload
        step = case.frame("second", arrived)
        step.sends("access", Plain(INNER), None, len(INNER), wire.outwards())
        # The MAC of another port is not this port's.
        case.frame("second", packet).to_kernel()
        yield case


def two_underlay_ports():
    """Both take tunnel packets, each in its own tag."""
    wire = Wire(replace(GRE[4], port_vlan=7))
    case = in_vlan([wire], "two-underlay-ports-with-a-tag-each")
    case.gateway["ports"].append({"name": "second", "vlan": 9})
    plain = bytes(GRE[4].incoming(INNER))
    second = patched(plain, 0, bytes.fromhex("020000000003"))
    case.decaps(retagged(plain, (C, 7)), INNER)
    case.frame("underlay", retagged(plain, (C, 9))).to_kernel()
    step = case.frame("second", retagged(second, (C, 9)))
    step.sends("access", Plain(INNER), None, len(INNER), wire.outwards())
    case.frame("second", retagged(second, (C, 7))).to_kernel()
    case.frame("second", second).to_kernel()
    yield case


def cases():
    yield from both_ways()
    yield from other_tags()
    yield from broken_in_a_vlan()
    yield from sizes_in_a_vlan()
    yield from headroom_in_a_vlan()
    yield from taken_before_attachments()
    yield from taken_before_attachments_in_a_vlan()
    yield from blocked_on_a_shared_port()
    yield from not_taken()
    yield from two_underlay_ports()
