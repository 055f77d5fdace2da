"""`mssClamp`: the MSS of inner SYNs is lowered to what the tunnel takes, both ways, never raised."""

from dataclasses import replace

from harness.case import Case, Link, Wire
from harness.frames import ether, padded, patched, stacked
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.packet import Raw

from .ip_members import ETHERNET, GIVEN, IpTunnel, framed, to_host
from .stitching import pair
from .tunnels import EVERY, OVERHEAD, VXLAN

HEADERS = {4: 40, 6: 60}


def segment(family, mss, flags="S", before=(), after=(), extensions=None, sport=1000, **ip):
    """A TCP segment with its checksum right; `mss` None: without the option."""
    options = [*before, *([] if mss is None else [("MSS", mss)]), *after]
    tcp = TCP(sport=sport, dport=80, flags=flags, seq=7, options=options)
    head = IP(src="10.0.0.1", dst="10.0.0.2", id=7, flags="DF") if family == 4 else IPv6(src="fd00::1", dst="fd00::2")
    for key, value in ip.items():
        setattr(head, key, value)
    return bytes(ether() / (head if extensions is None else head / extensions) / tcp)


def both_ways(case, wire, made, mss, least, kept=(), popped=(), **fields):
    """The SYN enters the tunnel, and comes out of one, with the smaller of both numbers."""
    before, after = stacked(made(mss, **fields), *kept), stacked(made(min(mss, least), **fields), *kept)
    case.encaps(after, wire, arrives=stacked(before, *popped))
    case.decaps(wire.tunnel.incoming(before), padded(stacked(after, *popped)), wire, counted=len(after))


def every_tunnel():
    for name, tunnel in EVERY.items():
        for look, keys, popped, kept in (
            ("untagged", {}, (), ()),
            ("vlan", {"vlan": 7}, ((0x8100, 7),), ()),
            ("kept", {"vlan": 7, "keep_tag": True}, (), ((0x8100, 7),)),
        ):
            if kept and tunnel.type == "nvgre":
                continue
            wire = Wire(replace(tunnel, mss_clamp=True), **keys)
            case = Case(f"mss-{name}-{look}", [wire])
            for family in (4, 6):
                least = 1500 - OVERHEAD[name] - 4 * len(kept) - HEADERS[family]
                for mss in (536, least - 1, least, least + 1, 1460, 8960, 65535):
                    for flags in ("S", "SA", "SEC"):
                        made = lambda mss: segment(family, mss, flags)
                        both_ways(case, wire, made, mss, least, kept, popped)
            yield case


def checksums():
    """RFC 1624: right for every source port, which moves the sum through all its corners; and wrong stays
    wrong by as much."""
    wire = Wire(replace(VXLAN[4], mss_clamp=True))
    case = Case("mss-checksums", [wire])
    for family in (4, 6):
        least = 1450 - HEADERS[family]
        for sport in range(1, 65536, 2621):
            for before in ((), (("NOP", None),), (("NOP", None), ("NOP", None))):
                made = lambda mss: segment(family, mss, before=before, sport=sport)
                both_ways(case, wire, made, 1460, least)
    yield case
    case = Case("mss-wrong-checksum-stays-wrong", [wire], wild=True)
    least = 1410
    for mss in (1460, 9000):
        before = segment(4, mss)
        at = ETHERNET + 20 + 16
        off = lambda frame: patched(frame, at, (int.from_bytes(frame[at : at + 2], "big") ^ 0x0100).to_bytes(2, "big"))
        changed = add_difference(off(before), at, mss, least)
        case.encaps(changed, wire, arrives=off(before))
    yield case


def add_difference(frame, at, before, after):
    """The frame as RFC 1624's equation 3 has it: MSS `after` instead of `before`."""
    word = int.from_bytes(frame[at : at + 2], "big")
    total = (~word & 0xFFFF) + (~before & 0xFFFF) + after
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    frame = patched(frame, at, (~total & 0xFFFF).to_bytes(2, "big"))
    return patched(frame, ETHERNET + 20 + 22, after.to_bytes(2, "big"))


def where_it_stands():
    """Among other options, behind extension headers, in a first fragment."""
    wire = Wire(replace(VXLAN[4], mss_clamp=True))
    case = Case("mss-wherever-it-stands", [wire], wild=True)
    sack, stamp, scale = ("SAckOK", b""), ("Timestamp", (1, 0)), ("WScale", 7)
    for family in (4, 6):
        least = 1450 - HEADERS[family]
        for before, after in (((sack, stamp), (scale,)), ((stamp,), (sack,)), ((), (scale, sack, stamp))):
            made = lambda mss: segment(family, mss, before=before, after=after)
            both_ways(case, wire, made, 8960, least)
    for extensions in (
        IPv6ExtHdrHopByHop(), IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt(), IPv6ExtHdrFragment(m=1, id=5),
    ):
        made = lambda mss: segment(6, mss, extensions=extensions)
        both_ways(case, wire, made, 8960, 1390)
    made = lambda mss: segment(4, mss, flags="S", id=9)
    both_ways(case, wire, made, 8960, 1410)
    first = lambda mss: with_flags(segment(4, mss), 0x2000)
    both_ways(case, wire, first, 8960, 1410)
    yield case


def with_flags(frame, field):
    packet = IP(patched(frame[ETHERNET:], 6, field.to_bytes(2, "big")))
    del packet.chksum
    return frame[:ETHERNET] + bytes(packet)


def raw_options(options, data_offset=None, flags=0x02):
    """A SYN over IPv4 whose options are these bytes."""
    words = (20 + len(options)) // 4 if data_offset is None else data_offset
    tcp = bytes(TCP(sport=1000, dport=80, dataofs=words, flags=flags, chksum=0x1234))[:20] + options
    return bytes(ether() / IP(src="10.0.0.1", dst="10.0.0.2", proto=6) / Raw(tcp))


def left_alone():
    """What is no SYN, has no MSS, is malformed in front of it, or is not whole."""
    wire = Wire(replace(VXLAN[4], mss_clamp=True))
    case = Case("mss-left-alone", [wire], wild=True)
    mss = b"\x02\x04\x23\x28"
    frames = [segment(family, 9000, flags) for family in (4, 6) for flags in ("A", "R", "F", "PA", "")]
    frames += [segment(family, None) for family in (4, 6)]
    frames += [
        raw_options(b"\x03\x00\x00\x00" + mss),
        raw_options(b"\x03\x01\x00\x00" + mss),
        raw_options(b"\x08\x28\x00\x00" + mss),
        raw_options(b"\x00\x00\x00\x00" + mss),
        raw_options(b"\x02\x03\x23\x01"),
        raw_options(b"\x02\x05\x23\x28\x00\x01\x01\x01"),
        raw_options(b"\x01\x01\x01\x02"),
        raw_options(b"\x01\x01\x02\x04"),
        # The data offset: under 20 bytes, in front of the option, and behind the packet's end.
        raw_options(mss, data_offset=4),
        raw_options(mss, data_offset=0),
        raw_options(mss, data_offset=5),
        raw_options(mss, data_offset=7),
        raw_options(mss, data_offset=15),
        raw_options(mss)[:-2],
        with_flags(segment(4, 9000), 0x0001),
        with_flags(segment(4, 9000), 0x2008),
        segment(6, 9000, extensions=IPv6ExtHdrFragment(offset=1, id=5)),
        # The same bytes are not TCP's.
        patched(segment(4, 9000), ETHERNET + 9, b"\x11"),
        patched(segment(6, 9000), ETHERNET + 6, b"\x11"),
    ]
    # The IP packet ends in front of the option; what follows is padding.
    short = IP(raw_options(mss)[ETHERNET:])
    short.len, short.chksum = 40, None
    frames.append(bytes(ether(type=0x0800)) + bytes(short))
    for frame in frames:
        case.encaps(frame, wire)
        case.decaps(wire.tunnel.incoming(frame), padded(frame), wire, counted=len(frame))
    yield case
    off = Wire(VXLAN[4])
    case = Case("mss-not-asked-for", [off])
    for family in (4, 6):
        frame = segment(family, 9000)
        case.encaps(frame)
        case.decaps(VXLAN[4].incoming(frame), padded(frame), counted=len(frame))
    yield case


def several():
    """All that a SYN has, as hosts differ in which they take."""
    wire = Wire(replace(VXLAN[4], mss_clamp=True))
    case = Case("mss-each-of-several", [wire])
    made = lambda mss: segment(4, mss, after=(("MSS", mss),))
    both_ways(case, wire, made, 9000, 1410)
    yield case


def sizes_that_change():
    """The tunnel's own MTU, IP payload, and each tunnel of two."""
    wire = Wire(replace(VXLAN[4], mss_clamp=True, mtu=1300))
    case = Case("mss-of-its-own-mtu", [wire])
    for family in (4, 6):
        both_ways(case, wire, lambda mss: segment(family, mss), 1460, 1300 - HEADERS[family])
    yield case
    tunnel = IpTunnel(mss_clamp=True)
    link = Link(GIVEN, tunnel)
    case = Case("mss-gre-ip", [link])
    for family in (4, 6):
        least = 1476 - HEADERS[family]
        before, after = (segment(family, mss)[ETHERNET:] for mss in (9000, least))
        case.crosses(link, GIVEN, framed(before), tunnel.encap(after), len(framed(before)))
        case.steps[-1].counted_out = len(after)
        case.crosses(link, tunnel, tunnel.incoming(before), to_host(after), len(after))
        case.steps[-1].counted_out = len(framed(after))
    yield case
    for first, second, least in ((True, False, 1430), (False, True, 1450), (True, True, 1430)):
        link = pair("vxlan", 6, "geneve", 4)
        link = Link(replace(link.a, mss_clamp=first or None), replace(link.b, mss_clamp=second or None))
        case = Case(f"mss-stitched-{int(first)}-{int(second)}", [link])
        for source, out in ((link.a, link.b), (link.b, link.a)):
            before, after = segment(4, 9000), segment(4, least - 40)
            case.crosses(link, source, source.incoming(before), out.encap(after), len(after))
        yield case


def cases():
    yield from every_tunnel()
    yield from checksums()
    yield from where_it_stands()
    yield from left_alone()
    yield from several()
    yield from sizes_that_change()
