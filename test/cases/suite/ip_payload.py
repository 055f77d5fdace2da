"""GRE tunnels with IP packets inside, joined with each other and with attachments."""

from dataclasses import replace

from harness.case import Attachment, Case, Link
from harness.frames import (
    ACCESS_MAC,
    HOST_A,
    HOST_B,
    UNDERLAY_MAC,
    arp_frame,
    other_frame,
    patched,
    payload,
)
from harness.tunnel import Tunnel
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from .ecn import EGRESS
from .ip_members import (
    BROADCAST,
    ETHERNET,
    GIVEN,
    IP_TYPE,
    PLAIN,
    TUNNELS,
    IpTunnel,
    enters,
    framed,
    leaves,
    packet,
    refused,
    rejected,
    with_ttl,
)


def both_ways():
    """Every outer family with every inner one; the member's bytes are those of IP packets."""
    for name, by_family in TUNNELS.items():
        for outer, tunnel in by_family.items():
            link = Link(GIVEN, tunnel)
            case = Case(f"gre-ip-v{outer}-{name}-both-ways", [link])
            for inner in (4, 6):
                for length in (48, 49, 100, 1300):
                    enters(case, link, packet(inner, length, dscp=46))
                    arrives = tunnel.incoming(packet(inner, length), gre_checksum=tunnel.checksum)
                    leaves(case, link, arrives, packet(inner, length))
            yield case


def padding():
    """Ethernet padding is cut by the IP packet's own length; zeros pad what is sent."""
    link = Link(GIVEN, PLAIN[4])
    case = Case("gre-ip-padding-stays-on-its-link", [link])
    for family, length in ((4, 28), (4, 45), (6, 48)):
        inner = packet(family, length)
        for junk in (1, 18, 40):
            frame = framed(inner) + b"\xff" * junk
            enters(case, link, inner, frame, counted=len(frame))
        leaves(case, link, PLAIN[4].incoming(inner), inner)
        # Behind the outer packet, too.
        leaves(case, link, bytes(PLAIN[4].incoming(inner)) + b"\xee" * 7, inner)
    ip = IP(src="10.0.0.1", dst="10.0.0.2", options=b"\x94\x04\x00\x00")
    with_options = bytes(ip / UDP(sport=1000, dport=2000) / "x")
    enters(case, link, with_options)
    leaves(case, link, PLAIN[4].incoming(with_options), with_options)
    bare = bytes(IPv6(src="fd00::1", dst="fd00::2", nh=59))
    enters(case, link, bare, framed(bare) + b"\xff" * 6, counted=len(framed(bare)) + 6)
    return case


def not_forwarded():
    """Only IPv4 and IPv6 to the port's MAC; TTL is untouched, but a TTL of 0 goes nowhere."""
    for outer in (4, 6):
        link = Link(GIVEN, PLAIN[outer])
        case = Case(f"gre-ip-v{outer}-what-may-not-enter", [link], wild=True)
        for family in (4, 6):
            inner = packet(family)
            for dst in (HOST_B, UNDERLAY_MAC, BROADCAST, "01:00:5e:00:00:05", "33:33:00:00:00:05"):
                refused(case, link, framed(inner, dst), "not_for_router")
            refused(case, link, framed(inner, src="03:00:00:00:00:01"), "reserved_mac")
            enters(case, link, inner, framed(inner, src=HOST_B))
            ttl = 8 if family == 4 else 7
            refused(case, link, framed(patched(inner, ttl, b"\x00")), "inner_ttl")
            enters(case, link, with_ttl(family, 1), ttl=64)
            other = bytes(Ether(dst=ACCESS_MAC, src=HOST_A, type=IP_TYPE[10 - family]) / Raw(inner))
            refused(case, link, other, "not_ip")
            cut = framed(inner)[: ETHERNET + (19 if family == 4 else 39)]
            refused(case, link, cut, "inner_truncated")
        refused(case, link, other_frame(dst=ACCESS_MAC), "not_ip")
        refused(case, link, other_frame(dst=HOST_B), "not_ip")
        refused(case, link, other_frame(0x0026, dst="01:80:c2:00:00:00"), "not_ip")
        refused(case, link, framed(patched(packet(), 0, b"\x44")), "not_ip")
        refused(case, link, framed(patched(packet(), 2, b"\x00\x13")), "not_ip")
        refused(case, link, framed(patched(packet(length=28), 0, b"\x4f")), "inner_truncated")
        yield case


def protocol_types():
    """The type is one of the tunnel's payload, and what follows is of that type."""
    for outer, tunnel in PLAIN.items():
        link = Link(GIVEN, tunnel)
        case = Case(f"gre-ip-v{outer}-protocol-type", [link], wild=True)
        inner = {4: packet(), 6: packet(6)}
        frame = framed(inner[4])
        rejected(case, link, tunnel.incoming(frame, header={"proto": 0x6558}), "gre_protocol", frame)
        for proto in (0, 0x0806, 0x8847, 0x880B, 0x0801, 0x86DC, 0xFFFF):
            for packet_in in inner.values():
                arrives = tunnel.incoming(packet_in, header={"proto": proto})
                rejected(case, link, arrives, "gre_protocol", packet_in)
        for family in (4, 6):
            wrong = tunnel.incoming(inner[family], header={"proto": IP_TYPE[10 - family]})
            rejected(case, link, wrong, "gre_protocol", inner[family])
            least = 20 if family == 4 else 40
            for length in (0, 1, least - 1):
                cut = inner[family][:length]
                arrives = tunnel.incoming(cut, header={"proto": IP_TYPE[family]})
                rejected(case, link, arrives, "inner_truncated", cut)
            cut = inner[family][:least]
            leaves(case, link, tunnel.incoming(cut), cut)
        for first in (b"\x44", b"\x40", b"\x05", b"\x55", b"\xf5"):
            bad = patched(inner[4], 0, first)
            arrives = tunnel.incoming(bad, header={"proto": IP_TYPE[4]})
            rejected(case, link, arrives, "gre_protocol", bad)
        long_header = patched(packet(length=28), 0, b"\x48")
        rejected(case, link, tunnel.incoming(long_header), "inner_truncated", long_header)
        yield case
        yield ethernet_takes_no_ip(outer)


def ethernet_takes_no_ip(outer):
    link = Link(Attachment(), Tunnel("gre", outer, id=None))
    case = Case(f"gre-ethernet-v{outer}-takes-no-ip", [link])
    for family in (4, 6):
        inner = packet(family)
        arrives = link.b.incoming(inner, header={"proto": IP_TYPE[family]})
        rejected(case, link, arrives, "gre_protocol", inner)
    # A wire of frames answers nobody.
    asked = arp_frame()
    step = case.frame("access", asked)
    step.sends("underlay", link.b.encap(asked), None, len(asked), link.ends(link.a))
    return case


def ended_time():
    """RFC 2003 §3.1, both ways; a TTL of 1 passes, because nothing is decremented."""
    link = Link(GIVEN, PLAIN[4])
    case = Case("gre-ip-ttl-0-goes-nowhere", [link], wild=True)
    for family in (4, 6):
        dead, last = with_ttl(family, 0), with_ttl(family, 1)
        rejected(case, link, PLAIN[4].incoming(dead), "inner_ttl", dead)
        # Before its congestion mark counts.
        rejected(case, link, PLAIN[4].incoming(dead, ecn=3), "inner_ttl", dead)
        refused(case, link, framed(dead), "inner_ttl")
        leaves(case, link, PLAIN[4].incoming(last), last)
        enters(case, link, last)
    return case


def congestion():
    """RFC 6040 on packets without Ethernet header."""
    for outer, tunnel in PLAIN.items():
        link = Link(GIVEN, tunnel)
        case = Case(f"gre-ip-v{outer}-ecn-both-ways", [link])
        for family in (4, 6):
            for inner_ecn, row in EGRESS.items():
                enters(case, link, packet(family, ecn=inner_ecn, dscp=10), ecn=inner_ecn)
                for outer_ecn, result in row.items():
                    inner = packet(family, ecn=inner_ecn, dscp=10)
                    arrives = tunnel.incoming(inner, ecn=outer_ecn, dscp=46)
                    if result is None:
                        rejected(case, link, arrives, "ecn_congestion", inner)
                    else:
                        leaves(case, link, arrives, packet(family, ecn=result, dscp=10))
        yield case


def inherited():
    """TTL, DSCP and DF of the packet itself; DSCP back into it."""
    for outer in (4, 6):
        modes = {"ttl": "inherit", "dscp": "inherit", "df": "inherit", "dscp_decap": "copy"}
        tunnel = IpTunnel(family=outer, **modes)
        link = Link(GIVEN, tunnel)
        case = Case(f"gre-ip-v{outer}-inherit", [link])
        for dscp in (0, 10, 63):
            for family in (4, 6):
                inner = packet(family, dscp=dscp)
                enters(case, link, inner, ttl=64, dscp=dscp, df=family == 6)
                arrives = tunnel.incoming(packet(family, dscp=1), dscp=dscp)
                leaves(case, link, arrives, inner)
        enters(case, link, with_ttl(4, 3), ttl=3, dscp=0, df=False)
        ip = IP(src="10.0.0.1", dst="10.0.0.2", flags="DF")
        df = bytes(ip / UDP(sport=1000, dport=2000) / Raw(payload(30)))
        enters(case, link, df, ttl=64, dscp=0, df=True)
        yield case


def sequence():
    tunnel = IpTunnel(sequence=True, checksum=True, id=1)
    link = Link(GIVEN, tunnel)
    case = Case("gre-ip-sequence-and-checksum", [link])
    for number in range(3):
        enters(case, link, packet(length=101 + number), sequence=number)
    leaves(case, link, tunnel.incoming(packet(), sequence=5, gre_checksum=True), packet())
    rejected(case, link, tunnel.incoming(packet(), sequence=5), "gre_sequence", packet())
    # What is dropped moves no window: a wrong type, and a packet whose time is over.
    wrong = tunnel.incoming(packet(), sequence=9, header={"proto": 0x86DD})
    rejected(case, link, wrong, "gre_protocol", packet())
    dead = with_ttl(4, 0)
    rejected(case, link, tunnel.incoming(dead, sequence=9), "inner_ttl", dead)
    leaves(case, link, tunnel.incoming(packet(), sequence=6), packet())
    bad = tunnel.incoming(packet(), sequence=7, gre_checksum=True, header={"chksum": 1})
    rejected(case, link, bad, "gre_checksum", packet())
    return case


def sizes():
    """Overhead 24 and 44, 4 more for each optional field; towards the tenant its own MTU."""
    for name, tunnel, overhead in (
        ("v4", PLAIN[4], 24),
        ("v6", PLAIN[6], 44),
        ("v4-key", IpTunnel(id=1), 28),
        ("v6-key-checksum", IpTunnel(family=6, id=1, checksum=True), 52),
    ):
        link = Link(replace(GIVEN, mtu=1300), tunnel)
        case = Case(f"gre-ip-{name}-mtu", [link])
        for family in (4, 6):
            enters(case, link, packet(family, 1500 - overhead))
            leaves(case, link, tunnel.incoming(packet(family, 1300)), packet(family, 1300))
        # With IPv6, or DF, the sender is told: the suite `told` has those.
        refused(case, link, framed(packet(4, 1501 - overhead)), "too_big")
        over = packet(4, 1301)
        rejected(case, link, tunnel.incoming(over), "too_big", over)
        yield case


def stitched():
    """IP tunnel to IP tunnel, over both families and all optional fields."""
    keyed = IpTunnel(name="b", family=6, id=77, checksum=True, sequence=True)
    for name, a, b in (
        ("v4-v6", replace(PLAIN[4], name="a"), replace(PLAIN[6], name="b")),
        ("v4-v4", replace(PLAIN[4], name="a"), IpTunnel(name="b", id=5)),
        ("v4-v6-key-checksum-sequence", replace(PLAIN[4], name="a"), keyed),
    ):
        link = Link(a, b)
        case = Case(f"gre-ip-stitched-{name}", [link], wild=True)
        number = iter(range(100))
        for family in (4, 6):
            for ecn in range(4):
                inner = packet(family, ecn=ecn, dscp=46)
                for source, other in ((a, b), (b, a)):
                    more = {"sequence": next(number)} if other.sequence else {}
                    out = other.encap(inner, ecn, **more)
                    case.crosses(link, source, source.incoming(inner), out, len(inner))
            dead = with_ttl(family, 0)
            for source in (a, b):
                case.refuses(link, source, source.incoming(dead), "inner_ttl", len(dead))
                frame = framed(packet(family))
                as_frame = source.incoming(frame, header={"proto": 0x6558})
                case.refuses(link, source, as_frame, "gre_protocol", len(frame))
        # What the first tunnel's congestion mark makes of the packet, the second one shows.
        for inner_ecn, row in EGRESS.items():
            if b.sequence:
                continue
            for outer_ecn, result in row.items():
                inner = packet(ecn=inner_ecn)
                arrives = a.incoming(inner, ecn=outer_ecn)
                if result is None:
                    case.refuses(link, a, arrives, "ecn_congestion", len(inner))
                else:
                    out = b.encap(packet(ecn=result), result)
                    case.crosses(link, a, arrives, out, len(inner))
        short = packet(length=28)
        out = a.encap(short)
        case.crosses(link, b, b.incoming(short), out, len(short))
        yield case


def cases():
    yield from both_ways()
    yield padding()
    yield from not_forwarded()
    yield from protocol_types()
    yield ended_time()
    yield from congestion()
    yield from inherited()
    yield sequence()
    yield from sizes()
    yield from stitched()
