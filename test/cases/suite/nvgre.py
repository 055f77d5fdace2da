"""NVGRE (RFC 7637): VSID and FlowID in the GRE key, no checksum, no sequence, no inner tag."""

from dataclasses import replace

from harness.case import Attachment, Case, Link, Wire
from harness.frames import ip_frame, padded, tagged, tcp_frame
from harness.tunnel import Tunnel

from .tunnels import GRE, KEYED, NVGRE

INNER = ip_frame()


def flow_id_is_masked():
    """§3.2: the FlowID is no part of the virtual subnet."""
    for family, tunnel in NVGRE.items():
        case = Case(f"underlay-256p-nvgre-v{family}-any-flow-id-out-256p", [Wire(tunnel)])
        for flow_id in range(256):
            case.decaps(tunnel.incoming(INNER, flow_id=flow_id), INNER)
        yield case


def fixed_flow_id():
    for flow_id in (0, 1, 255):
        tunnel = replace(NVGRE[4], flow_id=flow_id)
        case = Case(f"access-16p-nvgre-flow-id-{flow_id}-out-16p", [Wire(tunnel)])
        for number in range(16):
            case.encaps(ip_frame(sport=1000 + number))
        case.decaps(tunnel.incoming(INNER, flow_id=77), INNER)
        yield case
    hashed = replace(NVGRE[6], flow_id="hash")
    case = Case("access-32p-nvgre-v6-flow-id-hash-out-32p", [Wire(hashed)], distinct_flows=28)
    for number in range(32):
        case.encaps(tcp_frame(sport=1000 + number), flow=str(number))
    yield case


def ends_of_the_range():
    for vsid in (4096, 16777214):
        tunnel = Tunnel("nvgre", id=vsid)
        case = Case(f"access-and-underlay-nvgre-vsid-{vsid}-and-back", [Wire(tunnel)])
        case.encaps(INNER)
        case.decaps(tunnel.incoming(INNER), INNER)
        yield case


def unknown_vsid():
    vsid = 0x123456
    others = [vsid - 1, vsid + 1, 0x563412, 0x341256, 0x12, 0x3456, 0, 0xFFF, 0xFFFFFF]
    others += [vsid ^ 1 << bit for bit in range(24)]
    for family in (4, 6):
        tunnel = NVGRE[family].with_id(vsid)
        case = Case(f"underlay-34p-nvgre-v{family}-other-vsid-or-none-out-0p", [Wire(tunnel)])
        for other in others:
            packet = tunnel.with_id(other).incoming(INNER, flow_id=other & 0xFF)
            case.frame("underlay", packet).drops("unknown_key")
        case.frame("underlay", GRE[family].incoming(INNER)).drops("unknown_key")
        # The VSID where a key of GRE would have it.
        keyed = KEYED[family].with_id(vsid)
        case.frame("underlay", keyed.incoming(INNER)).drops("unknown_key")
        case.decaps(tunnel.incoming(INNER), INNER)
        yield case


def checksum_or_sequence():
    """§3.2: C and S must be 0."""
    for family, tunnel in NVGRE.items():
        wire = Wire(tunnel)
        case = Case(f"underlay-nvgre-v{family}-checksum-or-sequence-bit-out-0p", [wire])
        for fields in ({"gre_checksum": True}, {"sequence": 0}, {"gre_checksum": True, "sequence": 7}):
            step = case.frame("underlay", tunnel.incoming(INNER, **fields))
            step.drops("gre_flags", wire, len(INNER))
        case.decaps(tunnel.incoming(INNER), INNER)
        yield case


def inner_tags():
    """§3.3: none goes in, none comes out, even where both members would keep it."""
    for vlan in (None, "any", {"outer": 5, "inner": "any"}):
        wire = Wire(NVGRE[4], vlan=vlan)
        case = Case(f"nvgre-inner-tags-{describe(vlan)}-out-0p", [wire])
        for inner in (tagged(INNER, 100), tagged(INNER, 0, pcp=3), tagged(INNER, 100, tpid=0x88A8)):
            packet = NVGRE[4].incoming(inner)
            case.frame("underlay", packet).drops("inner_tag", wire, len(inner))
        if vlan is not None:
            case.frame("access", on_port(tagged(INNER, 7), vlan)).drops(
                "tag_mismatch", wire, len(tagged(INNER, 7))
            )
            case.encaps(INNER, arrives=on_port(INNER, vlan))
        yield case
    kept = Wire(NVGRE[4], vlan=5, keep_tag=True)
    case = Case("access-1p-nvgre-kept-tag-out-0p", [kept])
    arrives = tagged(INNER, 5)
    case.frame("access", arrives).drops("tag_mismatch", kept, len(arrives))
    yield case


def describe(vlan):
    return "outer" if isinstance(vlan, dict) else vlan or "untagged"


def on_port(frame, vlan):
    return tagged(frame, vlan["outer"], tpid=0x88A8) if isinstance(vlan, dict) else frame


def priority_tag_is_popped():
    """§3.3 asks for no tag inside: that of an untagged attachment is gone before."""
    case = Case("access-1p-nvgre-priority-tag-popped-out-1p", [Wire(NVGRE[4])])
    case.encaps(INNER, arrives=tagged(INNER, 0, pcp=5))
    return case


def beside_gre():
    """Keyless, keyed and NVGRE on one pair of addresses; each packet finds its own."""
    tunnels = [
        Tunnel("gre", id=None),
        Tunnel("gre", id=0x12345500),
        Tunnel("gre", id=0x123456FF + 1),
        Tunnel("gre", id=0x00123456),
        Tunnel("nvgre", id=0x123456),
        Tunnel("nvgre", id=0x123458),
    ]
    wires = [
        Wire(tunnel, lan=f"l{n}", name=f"t{n}", vlan=n + 1) for n, tunnel in enumerate(tunnels)
    ]
    case = Case("underlay-keyless-keyed-and-nvgre-side-by-side", wires)
    for wire in wires:
        for flow_id in (0, 1, 0x7F, 0xFF):
            packet = wire.tunnel.incoming(INNER, flow_id=flow_id)
            case.decaps(packet, tagged(INNER, wire.vlan), wire)
        case.encaps(INNER, wire, arrives=tagged(INNER, wire.vlan))
    for key in (0x123455FF, 0x12345701, 0x12345900, 0, 0x123456, 0x12345601):
        packet = Tunnel("gre", id=key).incoming(INNER)
        nvgre = next((w for w in wires if w.tunnel.type == "nvgre" and w.tunnel.id == key >> 8), None)
        exact = next((w for w in wires if w.tunnel.type == "gre" and w.tunnel.id == key), None)
        wire = exact or nvgre
        if wire is None:
            case.frame("underlay", packet).drops("unknown_key")
        else:
            case.decaps(packet, tagged(INNER, wire.vlan), wire)
    yield case


def told_apart_by_peer():
    """A key inside a VSID's range belongs to another tunnel when it comes from another peer."""
    gre = Wire(Tunnel("gre", id=0x12345678, remote="198.51.100.1"), lan="a", name="a-t", vlan=1)
    nvgre = Wire(Tunnel("nvgre", id=0x123456, remote="198.51.100.2"), lan="b", name="b-t", vlan=2)
    case = Case("underlay-one-key-gre-and-nvgre-told-apart-by-peer", [gre, nvgre])
    for _ in range(2):
        case.decaps(gre.tunnel.incoming(INNER), tagged(INNER, 1), gre)
        case.decaps(nvgre.tunnel.incoming(INNER, flow_id=0x78), tagged(INNER, 2), nvgre)
    forged = nvgre.tunnel.incoming(INNER, flow_id=0x79, src="198.51.100.1")
    case.frame("underlay", forged).drops("peer_not_allowed")
    stranger = gre.tunnel.incoming(INNER, src="198.51.100.3")
    case.frame("underlay", stranger).drops("peer_not_allowed")
    # Where GRE allows a checksum, NVGRE does not.
    case.decaps(gre.tunnel.incoming(INNER, gre_checksum=True), tagged(INNER, 1), gre)
    step = case.frame("underlay", nvgre.tunnel.incoming(INNER, flow_id=0x78, gre_checksum=True))
    step.drops("gre_flags", nvgre, len(INNER))
    return case


def short_frames():
    """Nothing is padded inside the tunnel; on the port zeros are added."""
    tunnel = NVGRE[4]
    lan = Attachment()
    link = Link(lan, replace(tunnel, name="tun"))
    case = Case("nvgre-short-frames", [link])
    short = INNER[:14] + ip_frame(length=29)[14:]
    case.crosses(link, lan, short, link.b.encap(short), len(short))
    case.crosses(link, link.b, tunnel.incoming(short), padded(short), len(short))
    return case


def cases():
    yield from flow_id_is_masked()
    yield from fixed_flow_id()
    yield from ends_of_the_range()
    yield from unknown_vsid()
    yield from checksum_or_sequence()
    yield from inner_tags()
    yield priority_tag_is_popped()
    yield from beside_gre()
    yield told_apart_by_peer()
    yield short_frames()
