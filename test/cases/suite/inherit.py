"""What the outer header takes from the inner one and the other way: TTL, DSCP, DF, ECN."""

from dataclasses import replace

from harness.case import Case, Link, Wire
from harness.frames import arp_frame, ether, other_frame, patched, payload, tagged
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

from .ecn import EGRESS
from .tunnels import EVERY, GRE, KINDS, VXLAN

ENDS = {4: {"src": "10.0.0.1", "dst": "10.0.0.2"}, 6: {"src": "fd00::1", "dst": "fd00::2"}}
TTLS = (1, 2, 63, 64, 128, 255)
NOT_IP_TTL = 64


def frame_of(family, ttl=64, dscp=0, ecn=0, df=False):
    body = UDP(sport=1000, dport=2000) / Raw(payload(40))
    if family == 4:
        ip = IP(ttl=ttl, tos=dscp << 2 | ecn, flags="DF" if df else 0, id=7, **ENDS[4])
    else:
        ip = IPv6(hlim=ttl, tc=dscp << 2 | ecn, **ENDS[6])
    return bytes(ether() / ip / body)


def not_ip():
    """Frames without an IP header that could be read: no IP, or not what the type says."""
    yield arp_frame()
    yield other_frame()
    yield other_frame(46, count=46)
    # Type IPv4 over version 6, and the other way round.
    yield frame_of(4)[:12] + b"\x86\xdd" + frame_of(4)[14:]
    yield frame_of(6)[:12] + b"\x08\x00" + frame_of(6)[14:]


def ttl():
    for name, tunnel in EVERY.items():
        wire = Wire(replace(tunnel, ttl="inherit"))
        case = Case(f"access-{name}-ttl-inherit", [wire], wild=True)
        for family in (4, 6):
            for value in TTLS:
                case.encaps(frame_of(family, ttl=value), ttl=value)
            # RFC 2003 §3.1: what has no time left is not sent on.
            dead = frame_of(family, ttl=0)
            case.frame("access", dead).drops("inner_ttl", wire, len(dead))
        for frame in not_ip():
            case.encaps(frame, ttl=NOT_IP_TTL)
        # A wire in the other direction: the inner TTL is the tenant's.
        for value in (0, 1, 255):
            frame = frame_of(4, ttl=value)
            field = {"ttl" if tunnel.family == 4 else "hlim": 3}
            case.decaps(tunnel.incoming(frame, **field), frame)
        yield case


def dscp():
    for name, tunnel in EVERY.items():
        case = Case(f"access-{name}-dscp-inherit", [Wire(replace(tunnel, dscp="inherit"))], wild=True)
        for family in (4, 6):
            for value in (0, 1, 10, 46, 62, 63):
                for ecn in range(4):
                    case.encaps(frame_of(family, dscp=value, ecn=ecn), ecn=ecn, dscp=value)
        for frame in not_ip():
            case.encaps(frame, dscp=0)
        # Without `dscpDecap` the inner DSCP is untouched.
        case.decaps(tunnel.incoming(frame_of(4, dscp=10), dscp=46), frame_of(4, dscp=10))
        yield case


def df():
    """RFC 2003 §3.1. IPv4 outer only; an IPv6 inner counts as set."""
    for name, tunnel in EVERY.items():
        case = Case(f"access-{name}-df-inherit", [Wire(replace(tunnel, df="inherit"))], wild=True)
        for _ in range(3):
            case.encaps(frame_of(4, df=True), df=True)
            case.encaps(frame_of(4, df=False), df=False)
            case.encaps(frame_of(6), df=True)
        for frame in not_ip():
            case.encaps(frame, df=False)
        yield case


def everything():
    """All at once, behind tags that stay on the frame, and with other bits around the fields."""
    for name, tunnel in EVERY.items():
        if tunnel.type == "nvgre":
            continue
        inheriting = replace(tunnel, ttl="inherit", dscp="inherit", df="inherit")
        case = Case(f"access-{name}-inherit-all-behind-tags", [Wire(inheriting, vlan="any")])
        for family in (4, 6):
            for fields in ((9, 33, 1, True), (250, 5, 3, False)):
                frame = frame_of(family, *fields)
                outer = frame_fields(frame)
                case.encaps(frame, **outer)
                case.encaps(tagged(frame, 100, pcp=7), **outer)
                case.encaps(tagged(frame, 0, dei=1), **outer)
                case.encaps(tagged(frame, 100, 200, tpid=0x88A8), **outer)
        case.encaps(tagged(arp_frame(), 5), ttl=NOT_IP_TTL, dscp=0, df=False)
        yield case


def frame_fields(frame):
    """TTL, DSCP, ECN and DF of an untagged IP frame, as the outer header must have them."""
    if frame[12:14] == b"\x08\x00":
        tos, ttl, is_df = frame[15], frame[22], frame[20] & 0x40 != 0
    else:
        tos, ttl, is_df = (frame[14] & 0x0F) << 4 | frame[15] >> 4, frame[21], True
    return {"ttl": ttl, "dscp": tos >> 2, "ecn": tos & 3, "df": is_df}


def odd_inner_headers():
    """Options, a wrong inner checksum, other flags: the fields are read as they stand."""
    tunnel = replace(VXLAN[4], ttl="inherit", dscp="inherit", df="inherit")
    case = Case("access-vxlan-inherit-from-odd-inner-headers", [Wire(tunnel)], wild=True)
    base = frame_of(4, ttl=77, dscp=12, df=True)
    case.encaps(patched(base, 24, b"\x12\x34"), ttl=77, dscp=12, df=True)
    # The reserved flag and MF are not DF.
    case.encaps(patched(base, 20, b"\xa0\x00"), ttl=77, dscp=12, df=False)
    case.encaps(patched(base, 20, b"\x40\x64"), ttl=77, dscp=12, df=True)
    options = IP(ttl=5, tos=46 << 2, options=[], ihl=15, **ENDS[4]) / Raw(payload(100))
    case.encaps(bytes(ether() / options), ttl=5, dscp=46, df=False)
    return case


def dscp_decap():
    """RFC 2983 §3, uniform model: the outer DSCP over the inner one; ECN still by RFC 6040."""
    for name, tunnel in EVERY.items():
        wire = Wire(replace(tunnel, dscp_decap="copy"))
        case = Case(f"underlay-{name}-dscp-copied-on-decap", [wire], wild=True)
        for family in (4, 6):
            for outer, inner in ((46, 0), (0, 46), (63, 1), (10, 10), (0, 0)):
                packet = tunnel.incoming(frame_of(family, dscp=inner), dscp=outer)
                case.decaps(packet, frame_of(family, dscp=outer))
            for inner, row in EGRESS.items():
                for outer, result in row.items():
                    frame = frame_of(family, dscp=7, ecn=inner)
                    packet = tunnel.incoming(frame, dscp=40, ecn=outer)
                    if result is None:
                        step = case.frame("underlay", packet)
                        step.drops("ecn_congestion", wire, len(frame))
                    else:
                        case.decaps(packet, frame_of(family, dscp=40, ecn=result))
        for frame in not_ip():
            on_port = frame + bytes(max(0, 60 - len(frame)))
            case.decaps(tunnel.incoming(frame, dscp=46), on_port, counted=len(frame))
        # Towards the tunnel nothing is copied.
        case.encaps(frame_of(4, dscp=9))
        yield case


def dscp_decap_keeps_wrong_checksums():
    wire = Wire(copying(GRE[4]))
    case = Case("underlay-dscp-copy-keeps-a-wrong-inner-checksum-wrong", [wire], wild=True)
    for ecn in (0, 2):
        before, after = frame_of(4, dscp=1, ecn=ecn), frame_of(4, dscp=46, ecn=ecn)
        case.decaps(GRE[4].incoming(off_by_one(before), dscp=46), off_by_one(after))
    return case


def copying(tunnel):
    return replace(tunnel, dscp_decap="copy")


def off_by_one(frame):
    wrong = int.from_bytes(frame[24:26], "big") - 1
    return patched(frame, 24, wrong.to_bytes(2, "big"))


def dscp_decap_behind_tags():
    wire = Wire(copying(VXLAN[4]), vlan="any")
    case = Case("underlay-dscp-copied-behind-tags", [wire])
    for tags in ((), (100,), (100, 200)):
        before, after = frame_of(4, dscp=1, ecn=2), frame_of(4, dscp=46, ecn=3)
        packet = VXLAN[4].incoming(with_tags(before, tags), dscp=46, ecn=3)
        case.decaps(packet, with_tags(after, tags), counted=len(before) + 4 * len(tags))
    return case


def with_tags(frame, tags):
    return tagged(frame, *tags) if tags else frame


def ecn_zero():
    """RFC 9601 §4: nothing of the inner ECN is sent; what arrives is still honoured (RFC 6040)."""
    for name, tunnel in EVERY.items():
        wire = Wire(replace(tunnel, ecn="zero"))
        case = Case(f"{name}-ecn-zero", [wire])
        for family in (4, 6):
            for ecn in range(4):
                case.encaps(frame_of(family, ecn=ecn, dscp=46), ecn=0)
            for inner, row in EGRESS.items():
                for outer, result in row.items():
                    frame = frame_of(family, ecn=inner)
                    packet = tunnel.incoming(frame, ecn=outer)
                    if result is None:
                        step = case.frame("underlay", packet)
                        step.drops("ecn_congestion", wire, len(frame))
                    else:
                        case.decaps(packet, frame_of(family, ecn=result))
        yield case


def ecn_zero_with_dscp():
    """DSCP and ECN are two fields (RFC 9601 §4): one inherited, the other not."""
    tunnel = replace(VXLAN[6], ecn="zero", dscp="inherit")
    case = Case("access-vxlan-v6-dscp-inherit-ecn-zero", [Wire(tunnel)])
    for ecn in range(4):
        case.encaps(frame_of(4, dscp=46, ecn=ecn), ecn=0, dscp=46)
        case.encaps(frame_of(6, dscp=46, ecn=ecn), ecn=0, dscp=46)
    return case


def through_two_tunnels():
    """What the first tunnel copied into the inner header, the second inherits."""
    for kind in KINDS:
        west = replace(KINDS[kind][4], name="west", dscp_decap="copy")
        east = replace(VXLAN[6], id=9, name="east", dscp="inherit", ttl="inherit", df="inherit")
        link = Link(west, east)
        case = Case(f"stitch-{kind}-to-vxlan-v6-inherits-what-was-copied", [link])
        frame, copied = frame_of(4, 33, dscp=1, ecn=2), frame_of(4, 33, dscp=46, ecn=3)
        packet = west.incoming(frame, dscp=46, ecn=3)
        out = east.encap(copied, ecn=3, ttl=33, dscp=46)
        case.crosses(link, west, packet, out, len(frame))
        dead = frame_of(6, 0)
        case.refuses(link, west, west.incoming(dead), "inner_ttl", len(dead))
        yield case


def cases():
    yield from ttl()
    yield from dscp()
    yield from df()
    yield from everything()
    yield odd_inner_headers()
    yield from dscp_decap()
    yield dscp_decap_keeps_wrong_checksums()
    yield dscp_decap_behind_tags()
    yield from ecn_zero()
    yield ecn_zero_with_dscp()
    yield from through_two_tunnels()
