"""Tunnel to tunnel, in one pass: every type into every type, over both address families."""

from dataclasses import replace
from itertools import product

from harness.case import Case, Link
from harness.frames import arp_frame, ether, ip_frame, other_frame, stacked
from harness.icmp import too_big
from harness.tunnel import Tunnel

from .ecn import EGRESS
from .tunnels import KINDS, OVERHEAD, VXLAN

INNER = ip_frame()
EAST_ENDS = {4: ("192.0.2.2", "198.51.100.8"), 6: ("2001:db8::2", "2001:db8:7::8")}


def pair(west_kind, west_family, east_kind, east_family):
    """Two tunnels of a gateway: the second between other addresses, so that equal types may meet."""
    local, remote = EAST_ENDS[east_family]
    west = replace(KINDS[west_kind][west_family], name="west")
    east = replace(KINDS[east_kind][east_family], name="east", local=local, remote=remote)
    return Link(west, east)


def pairs():
    """All pairs of types from IPv4 to IPv6; all pairs of families for two types."""
    for west, east in product(KINDS, KINDS):
        yield west, 4, east, 6
    for families in ((4, 4), (6, 6), (6, 4)):
        for west, east in (("vxlan", "gre"), ("geneve", "nvgre"), ("vxlan", "vxlan")):
            yield west, families[0], east, families[1]


def ways(link):
    yield link.a, link.b
    yield link.b, link.a


def everything_through():
    for west, west_family, east, east_family in pairs():
        link = pair(west, west_family, east, east_family)
        name = f"stitch-{west}-v{west_family}-{east}-v{east_family}"
        case = Case(f"{name}-both-ways", [link])
        for source, out in ways(link):
            for frame in (
                INNER,
                ip_frame(6),
                # Not padded: no frame of the wire's own is made of it.
                arp_frame(),
                bytes(ether(type=0x88B5)) + b"\x01",
                other_frame(dst="01:80:c2:00:00:0e"),
                ip_frame(length=1400),
            ):
                case.crosses(link, source, source.incoming(frame), out.encap(frame), len(frame))
            padding = bytes(source.incoming(arp_frame())) + b"\xee" * 20
            case.crosses(link, source, padding, out.encap(arp_frame()), len(arp_frame()))
            tags(case, link, source, out)
        yield case
        yield ecn_through(f"{name}-ecn", link)


def tags(case, link, source, out):
    """Inner tags are kept, but by NVGRE on neither side (RFC 7637 §3.3)."""
    for frame in (stacked(INNER, (0x8100, 7, 3)), stacked(INNER, (0x88A8, 7), (0x8100, 8))):
        packet = source.incoming(frame)
        if source.type == "nvgre":
            case.refuses(link, source, packet, "inner_tag", len(frame))
        elif out.type == "nvgre":
            case.refuses(link, source, packet, "tag_mismatch", len(frame))
        else:
            case.crosses(link, source, packet, out.encap(frame), len(frame))


def ecn_through(name, link):
    """RFC 6040 on the way out of one and into the other: what the inner header says then is copied."""
    case = Case(name, [link])
    for source, out in ways(link):
        for family in (4, 6):
            for inner, row in EGRESS.items():
                for outer, result in row.items():
                    frame = ip_frame(family, ecn=inner, dscp=10)
                    packet = source.incoming(frame, ecn=outer, dscp=46)
                    if result is None:
                        case.refuses(link, source, packet, "ecn_congestion", len(frame))
                        continue
                    marked = ip_frame(family, ecn=result, dscp=10)
                    case.crosses(link, source, packet, out.encap(marked, result), len(frame))
        no_ip = other_frame()
        case.crosses(link, source, source.incoming(no_ip, ecn=3), out.encap(no_ip), len(no_ip))
    return case


def entropy():
    """The inner flow decides, not the entropy with which a packet came."""
    for east_kind, east_family, distinct in (
        ("vxlan", 4, 60),
        ("vxlan", 6, 60),
        ("geneve", 4, 60),
        ("gre", 6, 60),
        ("nvgre", 4, 50),
        ("nvgre", 6, 60),
    ):
        link = pair("vxlan", 4, east_kind, east_family)
        case = Case(f"stitch-64-flows-vxlan-{east_kind}-v{east_family}-entropy", [link])
        case.distinct_flows = distinct
        for sport in (50000, 50001):
            for number in range(64):
                frame = ip_frame(sport=1000 + number, length=60 + sport % 7)
                packet = link.a.incoming(frame, sport=sport + number)
                case.crosses(link, link.a, packet, link.b.encap(frame, flow=str(number)), len(frame))
        yield case


def sizes():
    """What came in may be too large for the way out."""
    for west_kind, east_kind in (("gre", "vxlan"), ("vxlan", "nvgre"), ("geneve", "geneve")):
        for west_family, east_family in ((4, 6), (6, 4), (4, 4)):
            link = pair(west_kind, west_family, east_kind, east_family)
            name = f"stitch-mtu-{west_kind}-v{west_family}-{east_kind}-v{east_family}"
            case = Case(name, [link])
            largest = 1500 - OVERHEAD[f"{east_kind}-v{east_family}"]
            for family in (4, 6):
                fits, over = ip_frame(family, length=largest), ip_frame(family, length=largest + 1)
                packet = link.a.incoming(fits)
                case.crosses(link, link.a, packet, link.b.encap(fits), len(fits))
                if family == 4:
                    case.refuses(link, link.a, link.a.incoming(over), "too_big", len(over))
                    continue
                # Without DF nothing is told; with IPv6 it is.
                message = too_big(over, largest)
                step = case.frame("underlay", link.a.incoming(over))
                ends = (link.tenant, "west", "west")
                step.tells("underlay", link.a.encap(message), ends, len(over), len(message))
            yield case


def keys_of_both():
    """Each side's keys hold: checksums, sequence numbers, TTL, DSCP, checksum on UDP."""
    west = Tunnel("gre", 6, id=7, name="west", sequence=True, checksum="require", ttl=9, send_key=8)
    keys = {"udp_checksum": True, "ttl": 200, "dscp": 46, "df": "clear", "reserved": "drop"}
    east = replace(VXLAN[4], name="east", **keys)
    link = Link(west, east)
    case = Case("stitch-gre-sequence-checksum-to-vxlan-checksum", [link])
    for number in range(3):
        frame = ip_frame(sport=1000 + number)
        packet = west.incoming(frame, sequence=number, gre_checksum=True)
        case.crosses(link, west, packet, east.encap(frame), len(frame))
        out = west.encap(frame, sequence=number)
        case.crosses(link, east, east.incoming(frame, checksum=True), out, len(frame))
    case.refuses(link, west, west.incoming(INNER, sequence=9), "gre_checksum_missing", len(INNER))
    late = west.incoming(INNER, sequence=1, gre_checksum=True)
    case.refuses(link, west, late, "gre_sequence", len(INNER))
    reserved = east.incoming(INNER, header={"flags": 0x09})
    case.refuses(link, east, reserved, "vxlan_reserved", len(INNER))
    yield case


def tunnels_inside():
    """One packet, one decapsulation: what is inside another tunnel packet stays inside."""
    link = pair("vxlan", 4, "geneve", 4)
    case = Case("stitch-tunnel-packets-inside-stay-inside", [link])
    inside = INNER
    for depth in range(8):
        inside = bytes(link.a.incoming(inside))
        packet = link.a.incoming(inside)
        case.crosses(link, link.a, packet, link.b.encap(inside), len(inside))
    case.wild = True
    yield case


def cases():
    yield from everything_through()
    yield from entropy()
    yield from sizes()
    yield from keys_of_both()
    yield from tunnels_inside()
