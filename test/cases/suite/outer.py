"""Hostile or broken outer headers: IPv4, IPv6, UDP. One reason each, and the order of the checks."""

from itertools import product

from harness.case import Case, Wire
from harness.frames import (
    L4_OFFSET,
    LOCAL,
    NEXT_HOP_MAC,
    STRANGER,
    UNDERLAY_MAC,
    ether,
    ip_frame,
    patched,
)
from scapy.layers.inet import IP, UDP, IPOption_NOP, IPOption_Router_Alert
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.packet import Raw

from .tunnels import KEYED, KINDS, VXLAN

INNER = ip_frame()


def dropped(name, reason, tunnel, packets):
    """None of `packets` gets further than the outer headers; a good one after them does."""
    case = Case(name, [Wire(tunnel)])
    for packet in packets:
        case.frame("underlay", packet).drops(reason)
    case.decaps(tunnel.incoming(INNER), INNER)
    return case


def with_checksum(packet, value):
    """The IPv4 header checksum overwritten; `packet` is built otherwise."""
    return patched(packet, 24, value.to_bytes(2, "big"))


def bad_outer_header():
    for kind, tunnels in KINDS.items():
        tunnel = tunnels[4]
        good = bytes(tunnel.incoming(INNER))
        size = len(good) - 14
        wrong = [
            tunnel.incoming(INNER, version=6),
            tunnel.incoming(INNER, version=0),
            tunnel.incoming(INNER, len=size + 1),
            tunnel.incoming(INNER, len=65535),
            tunnel.incoming(INNER, len=19),
            tunnel.incoming(INNER, len=0),
            patched(good, 14, b"\x44"),
            patched(good, 14, b"\x40"),
        ]
        yield dropped(f"underlay-8p-{kind}-v4-bad-ip-header-out-0p", "bad_outer_header", tunnel, wrong)
    for kind, tunnels in KINDS.items():
        tunnel = tunnels[6]
        size = len(bytes(tunnel.incoming(INNER))) - 54
        wrong = [
            tunnel.incoming(INNER, version=4),
            tunnel.incoming(INNER, plen=size + 1),
            tunnel.incoming(INNER, plen=65535),
        ]
        yield dropped(f"underlay-3p-{kind}-v6-bad-ip-header-out-0p", "bad_outer_header", tunnel, wrong)


def bad_outer_checksum():
    for kind, tunnels in KINDS.items():
        tunnel = tunnels[4]
        right = int.from_bytes(bytes(tunnel.incoming(INNER))[24:26], "big")
        wrong = [
            with_checksum(tunnel.incoming(INNER), value) for value in (0, right ^ 1, right ^ 0x8000)
        ]
        yield dropped(
            f"underlay-3p-{kind}-bad-ipv4-checksum-out-0p", "bad_outer_checksum", tunnel, wrong
        )
    for kind, family in product(("vxlan", "geneve"), (4, 6)):
        tunnel = KINDS[kind][family]
        at = L4_OFFSET[family] + 6
        good = bytes(tunnel.incoming(INNER, checksum=True))
        right = int.from_bytes(good[at : at + 2], "big")
        wrong = [patched(good, at, (right ^ bit).to_bytes(2, "big")) for bit in (1, 0x100, 0x8000)]
        # One bit of the payload turned over, at its start, in the middle, at its end.
        wrong += [patched(good, place, bytes([good[place] ^ 1])) for place in (at + 11, 120, -1)]
        yield dropped(
            f"underlay-6p-{kind}-v{family}-bad-udp-checksum-out-0p",
            "bad_outer_checksum",
            tunnel,
            wrong,
        )


def udp_length():
    for kind, family in product(("vxlan", "geneve"), (4, 6)):
        tunnel = KINDS[kind][family]
        good = bytes(tunnel.incoming(INNER))
        at = L4_OFFSET[family] + 4
        size = len(good) - L4_OFFSET[family]
        wrong = [patched(good, at, n.to_bytes(2, "big")) for n in (0, 1, 7, size + 1, 65535)]
        name = f"underlay-5p-{kind}-v{family}-udp-length-out-0p"
        yield dropped(name, "udp_length", tunnel, wrong)


def fragments():
    """First fragments to a port of ours are dropped; later ones show no port and are the kernel's."""
    for kind in ("vxlan", "geneve"):
        tunnel = KINDS[kind][4]
        case = Case(f"underlay-{kind}-v4-fragments-first-dropped-later-to-kernel", [Wire(tunnel)])
        case.frame("underlay", tunnel.incoming(INNER, flags="MF")).drops("outer_fragment")
        case.frame("underlay", tunnel.incoming(INNER, flags="MF", frag=1)).to_kernel()
        case.frame("underlay", tunnel.incoming(INNER, frag=185)).to_kernel()
        # A real first fragment: its UDP header announces more than is there.
        whole = bytes(tunnel.incoming(INNER).payload.payload)
        first = IP(src=tunnel.remote_address, dst=LOCAL[4], proto=17, flags="MF") / Raw(whole[:64])
        mac = ether(dst=UNDERLAY_MAC, src=NEXT_HOP_MAC)
        case.frame("underlay", mac / first).drops("outer_fragment")
        yield case
    for kind in ("gre", "gre-key", "nvgre"):
        tunnel = KINDS[kind][4]
        case = Case(f"underlay-{kind}-v4-fragments-all-dropped", [Wire(tunnel)])
        for fields in ({"flags": "MF"}, {"flags": "MF", "frag": 1}, {"frag": 185}):
            case.frame("underlay", tunnel.incoming(INNER, **fields)).drops("outer_fragment")
        case.decaps(tunnel.incoming(INNER, flags="DF"), INNER)
        yield case


def with_extensions(tunnel, *headers):
    """The tunnel packet with IPv6 extension headers between its IP header and the rest."""
    packet = tunnel.incoming(INNER)
    rest = packet[IPv6].payload
    packet[IPv6].remove_payload()
    packet[IPv6].nh = headers[0][0]
    for (_, header), (following, _) in zip(headers, [*headers[1:], (17 if UDP in rest else 47, None)]):
        header.nh = following
        packet = packet / header
    return packet / rest


def ipv6_extensions():
    hop = lambda: (0, IPv6ExtHdrHopByHop())
    destination = lambda: (60, IPv6ExtHdrDestOpt())
    routing = lambda: (43, IPv6ExtHdrRouting(type=4, segleft=0))
    fragment = lambda **fields: (44, IPv6ExtHdrFragment(id=9, **fields))
    for kind, tunnels in KINDS.items():
        tunnel = tunnels[6]
        case = Case(f"underlay-{kind}-v6-extension-headers-dropped", [Wire(tunnel)])
        for headers in ([hop()], [destination()], [routing()], [hop(), destination(), routing()]):
            case.frame("underlay", with_extensions(tunnel, *headers)).drops("outer_options")
        yield case
        case = Case(f"underlay-{kind}-v6-fragments-dropped", [Wire(tunnel)])
        # Atomic (RFC 6946), first, and later fragments.
        case.frame("underlay", with_extensions(tunnel, fragment())).drops("outer_fragment")
        case.frame("underlay", with_extensions(tunnel, fragment(m=1))).drops("outer_fragment")
        later = case.frame("underlay", with_extensions(tunnel, fragment(offset=10)))
        if not tunnel.is_udp:
            later.drops("outer_fragment")
        else:
            later.to_kernel()
        yield case


def ipv4_options():
    for kind, tunnels in KINDS.items():
        tunnel = tunnels[4]
        wrong = [
            tunnel.incoming(INNER, options=[IPOption_NOP()]),
            tunnel.incoming(INNER, options=[IPOption_Router_Alert()]),
            tunnel.incoming(INNER, options=[IPOption_NOP()] * 40),
        ]
        yield dropped(f"underlay-3p-{kind}-ipv4-options-out-0p", "outer_options", tunnel, wrong)


def sources():
    bad = {
        4: ["0.0.0.0", "255.255.255.255", "224.0.0.1", "239.255.255.255", LOCAL[4]],
        6: ["::", "ff02::1", "ff0e::1234", LOCAL[6]],
    }
    for kind, tunnels in KINDS.items():
        for family, tunnel in tunnels.items():
            wrong = [tunnel.incoming(INNER, src=source) for source in bad[family]]
            name = f"underlay-{len(wrong)}p-{kind}-v{family}-bad-source-out-0p"
            yield dropped(name, "bad_outer_source", tunnel, wrong)
            strangers = [tunnel.incoming(INNER, src=STRANGER[family])]
            yield dropped(
                f"underlay-1p-{kind}-v{family}-stranger-out-0p",
                "peer_not_allowed",
                tunnel,
                strangers,
            )


def zero_checksum():
    """RFC 6936 §4.5 on IPv6, RFC 7348 §5 on IPv4."""
    for kind in ("vxlan", "geneve"):
        wire = Wire(KINDS[kind][6])
        case = Case(f"underlay-1p-{kind}-v6-zero-checksum-out-0p", [wire])
        packet = wire.tunnel.incoming(INNER, checksum=False)
        case.frame("underlay", packet).drops("zero_checksum", wire, len(INNER))
        yield case


def order():
    """Packets with two faults are dropped for the one that is checked first."""
    bad = dict(src=STRANGER[4])
    vxlan, v6, gre = VXLAN[4], VXLAN[6], KEYED[4]
    no_flag = lambda packet, at=42: patched(packet, at, b"\x00")
    other_vni = lambda packet, at=46: patched(packet, at, b"\xff\xff\xff")
    wrong_udp = patched(vxlan.incoming(INNER, checksum=True), 40, b"\x12\x34")
    case = Case("underlay-two-faults-the-first-check-counts", [Wire(vxlan), vxlan6(), keyed()])
    nop = [IPOption_NOP()]
    for reason, packet in (
        ("bad_outer_header", vxlan.incoming(INNER, version=5, chksum=1)),
        ("bad_outer_header", vxlan.incoming(INNER, len=5000, flags="MF")),
        ("bad_outer_checksum", vxlan.incoming(INNER, chksum=1, flags="MF")),
        ("bad_outer_checksum", vxlan.incoming(INNER, chksum=1, options=nop)),
        ("bad_outer_checksum", no_flag(wrong_udp)),
        ("bad_outer_checksum", other_vni(wrong_udp)),
        ("outer_fragment", vxlan.incoming(INNER, flags="MF", options=nop)),
        ("outer_fragment", no_flag(vxlan.incoming(INNER, flags="MF"))),
        ("outer_options", no_flag(vxlan.incoming(INNER, options=nop), 46)),
        ("outer_options", vxlan.incoming(INNER, options=nop, **bad)),
        ("vxlan_flags", no_flag(other_vni(vxlan.incoming(INNER)))),
        ("vxlan_flags", no_flag(vxlan.incoming(INNER, **bad))),
        ("unknown_vni", other_vni(vxlan.incoming(INNER, **bad))),
        ("unknown_vni", other_vni(v6.incoming(INNER, checksum=False), 66)),
        ("peer_not_allowed", v6.incoming(INNER, checksum=False, src=STRANGER[6])),
        ("peer_not_allowed", vxlan.incoming(b"", **bad)),
        ("gre_flags", patched(gre.incoming(INNER, **bad), 34, b"\x64")),
        ("gre_version", patched(patched(gre.incoming(INNER), 35, b"\x01"), 38, bytes(4))),
        ("unknown_key", patched(patched(gre.incoming(INNER), 36, b"\x08\x00"), 38, bytes(4))),
        ("peer_not_allowed", patched(gre.incoming(INNER, **bad), 36, b"\x08\x00")),
    ):
        case.frame("underlay", packet).drops(reason)
    step = case.frame("underlay", v6.incoming(b"\x01" * 13, checksum=False))
    step.drops("zero_checksum", vxlan6(), 13)
    return case


def vxlan6():
    return Wire(VXLAN[6], lan="lan2", name="tun2", vlan=2)


def keyed():
    return Wire(KEYED[4], lan="lan3", name="tun3", vlan=3)


def cases():
    yield from bad_outer_header()
    yield from bad_outer_checksum()
    yield from udp_length()
    yield from fragments()
    yield from ipv6_extensions()
    yield from ipv4_options()
    yield from sources()
    yield from zero_checksum()
    yield order()
