"""VXLAN and Geneve over UDP: checksums, source ports, reserved bits; and the IPv6 flow label."""

from dataclasses import replace
from itertools import product

from harness.case import Case, Wire
from harness.frames import ip_frame, patched, tcp_frame

from .tunnels import KINDS, VXLAN

INNER = ip_frame()
UDP_KINDS = ("vxlan", "geneve")


def checksums():
    """Sent as configured; a received one is verified whatever is configured (RFC 6936 §7)."""
    for kind, family, value in product(UDP_KINDS, (4, 6), (None, True, False)):
        tunnel = replace(KINDS[kind][family], udp_checksum=value)
        wire = Wire(tunnel)
        case = Case(f"udp-checksum-{str(value).lower()}-{kind}-v{family}", [wire])
        for frame in (INNER, ip_frame(length=101), ip_frame(6), tcp_frame()):
            case.encaps(frame)
            case.decaps(tunnel.incoming(frame, checksum=True), frame)
        # Zero is "none" on IPv4 (RFC 768), and on IPv6 only where it is said (RFC 6936 §4.5).
        without = tunnel.incoming(INNER, checksum=False)
        if family == 4 or value is False:
            case.decaps(without, INNER)
        else:
            case.frame("underlay", without).drops("zero_checksum", wire, len(INNER))
        good = bytes(tunnel.incoming(INNER, checksum=True))
        for place in (tunnel.l4_offset, tunnel.l4_offset + 6, tunnel.l4_offset + 15, len(good) - 1):
            wrong = patched(good, place, bytes([good[place] ^ 0x20]))
            case.frame("underlay", wrong).drops("bad_outer_checksum")
        yield case


def zero_is_allowed_per_tunnel():
    """One tunnel that takes zero checksums does not open its neighbours on the same address."""
    strict = Wire(replace(VXLAN[6], id=1), lan="a", name="a-t", vlan=1)
    loose = Wire(replace(VXLAN[6], id=2, udp_checksum=False), lan="b", name="b-t", vlan=2)
    case = Case("underlay-vxlan-v6-zero-checksum-only-where-allowed", [strict, loose])
    step = case.frame("underlay", strict.tunnel.incoming(INNER, checksum=False))
    step.drops("zero_checksum", strict, len(INNER))
    step = case.frame("underlay", loose.tunnel.incoming(INNER, checksum=False, src="2001:db8:9::9"))
    step.drops("peer_not_allowed")
    case.decaps(loose.tunnel.incoming(INNER, checksum=False), on_vlan(2), loose)
    case.decaps(strict.tunnel.incoming(INNER, checksum=True), on_vlan(1), strict)
    return case


def on_vlan(vid):
    return INNER[:12] + b"\x81\x00" + vid.to_bytes(2, "big") + INNER[12:]


def vxlan_reserved():
    """RFC 7348 §5 has them ignored; "drop" refuses each of them, as Linux and Open vSwitch do."""
    for family, tunnel in VXLAN.items():
        strict = replace(tunnel, reserved="drop")
        wire = Wire(strict)
        case = Case(f"underlay-vxlan-v{family}-reserved-drop-out-0p", [wire])
        ignoring = Wire(replace(tunnel, reserved="ignore"))
        lenient = Case(f"underlay-vxlan-v{family}-reserved-ignore", [ignoring])
        for at, bit in reserved_bits():
            packet = with_bit(tunnel, at, bit)
            case.frame("underlay", packet).drops("vxlan_reserved", wire, len(INNER))
            lenient.decaps(packet, INNER)
        case.decaps(tunnel.incoming(INNER), INNER)
        # The I flag is asked of the header, before the tunnel's own keys.
        case.frame("underlay", with_word(tunnel, b"\xf7")).drops("vxlan_flags")
        case.encaps(INNER)
        yield case
        yield lenient


def reserved_bits():
    """(byte of the header, bit) of each reserved bit: 7 flags, 24 and 8 bits."""
    yield from ((0, 1 << bit) for bit in range(8) if bit != 3)
    yield from ((at, 1 << bit) for at in (1, 2, 3, 7) for bit in range(8))


def with_bit(tunnel, at, bit):
    word = bytearray(b"\x08\x00\x00\x00" + tunnel.id.to_bytes(3, "big") + b"\x00")
    word[at] |= bit
    return with_word(tunnel, bytes(word))


def with_word(tunnel, start):
    """The VXLAN header starts with these bytes; the UDP checksum is right."""
    packet = tunnel.incoming(INNER)
    whole = bytes(packet["UDP"].payload)
    packet["UDP"].remove_payload()
    return packet / (start + whole[len(start) :])


def source_ports():
    """RFC 7348 §5: a hash of the inner headers, in the range given; one port is a range too."""
    for kind, family in product(UDP_KINDS, (4, 6)):
        for first, last, distinct in (
            (49152, 65535, 60),
            (1, 65535, 60),
            (40000, 40007, 8),
            (65534, 65535, 2),
            (5000, 5000, 1),
            (1, 1, 1),
        ):
            tunnel = replace(KINDS[kind][family], source_ports=(first, last))
            name = f"access-64-flows-{kind}-v{family}-source-ports-{first}-{last}"
            # The IPv6 flow label has an entropy of its own.
            case = Case(name, [Wire(tunnel)], distinct_flows=distinct if family == 4 else 60)
            for number in range(64):
                case.encaps(ip_frame(sport=1000 + number), flow=str(number))
            yield case


def flow_labels():
    for name, tunnels in KINDS.items():
        tunnel = tunnels[6]
        for label in (0, 1, 0x12345, 0xFFFFF):
            fixed = replace(tunnel, flow_label=label)
            case = Case(f"access-8p-{name}-v6-flow-label-{label:05x}", [Wire(fixed)])
            for number in range(8):
                case.encaps(ip_frame(sport=1000 + number, ecn=number % 4), ecn=number % 4)
            case.decaps(fixed.incoming(INNER, fl=0xABCDE), INNER)
            yield case
        hashed = replace(tunnel, flow_label="hash")
        case = Case(f"access-64-flows-{name}-v6-flow-label-hash", [Wire(hashed)], distinct_flows=60)
        for number in range(64):
            case.encaps(ip_frame(sport=1000 + number), flow=str(number))
        yield case


def cases():
    yield from checksums()
    yield zero_is_allowed_per_tunnel()
    yield from vxlan_reserved()
    yield from source_ports()
    yield from flow_labels()
