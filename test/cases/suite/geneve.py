"""Geneve (RFC 8926): options are stepped over, what may not be ignored is refused."""

import random

from harness.case import Case, Wire
from harness.choices import Plain
from harness.frames import ip_frame, patched, payload, tagged
from scapy.contrib.geneve import GeneveOptions
from scapy.layers.inet import UDP
from scapy.packet import Raw

from .tunnels import GENEVE, VXLAN

INNER = ip_frame()
LONGEST_OPTIONS = 63 * 4


def option(words=1, critical=False, reserved=0, classid=0x0102):
    """One option (§3.5) with `words` words of data."""
    kind = 0x80 if critical else 0x21
    data = payload(words * 4)
    return bytes(GeneveOptions(classid=classid, type=kind, reserved=reserved, length=words, data=data))


def with_options(tunnel, options, inner=INNER, length=None, checksum=None, **header):
    """`length`: the announced bytes of options, where it is not the truth."""
    announced = len(options) if length is None else length
    header = {"optionlen": announced // 4} | header
    return tunnel.incoming(options + inner, header=header, checksum=checksum)


def options_are_skipped():
    """§3.5: unknown options that are not critical are ignored."""
    for family, tunnel in GENEVE.items():
        case = Case(f"underlay-geneve-v{family}-options-are-skipped", [Wire(tunnel)])
        for options in (
            b"",
            option(0),
            option(1),
            option(31),
            option(0) + option(3) + option(0),
            option(0) * 63,
            option(31) + option(30),
            option(1, reserved=7),
            option(1, classid=0xFFFF),
            bytes(8),
        ):
            case.decaps(with_options(tunnel, options), INNER)
        whole = option(31) + option(30)
        assert len(whole) == LONGEST_OPTIONS
        case.decaps(with_options(tunnel, whole, checksum=True), INNER)
        yield case


def reserved_bits_are_ignored():
    """§3.4: Rsvd. and Reserved are ignored on receipt."""
    for family, tunnel in GENEVE.items():
        case = Case(f"underlay-geneve-v{family}-reserved-bits-are-ignored", [Wire(tunnel)])
        for header in (*({"reserved": 1 << bit} for bit in range(6)), {"reserved2": 0xFF}):
            case.decaps(tunnel.incoming(INNER, header=header), INNER)
        case.decaps(with_options(tunnel, option(2), reserved=0x3F, reserved2=0xFF), INNER)
        yield case


def critical_options():
    """§3.4: C set, or an option that is critical: no options are understood here, so it is dropped."""
    for family, tunnel in GENEVE.items():
        case = Case(f"underlay-geneve-v{family}-critical-options-out-0p", [Wire(tunnel)])
        for packet in (
            with_options(tunnel, option(critical=True), critical=1),
            with_options(tunnel, option(critical=True)),
            with_options(tunnel, option(0, critical=True)),
            with_options(tunnel, option() + option(critical=True), critical=1),
            with_options(tunnel, option(31) + option(29) + option(0, critical=True)),
            with_options(tunnel, option(), critical=1),
            with_options(tunnel, b"", critical=1),
        ):
            case.frame("underlay", packet).drops("geneve_options")
        case.decaps(tunnel.incoming(INNER), INNER)
        yield case


def malformed_options():
    """§3.5: an option that runs over the announced end of all; an end behind the datagram's."""
    for family, tunnel in GENEVE.items():
        case = Case(f"underlay-geneve-v{family}-malformed-options-out-0p", [Wire(tunnel)])
        longer = patched(option(1), 3, b"\x02")
        for packet in (
            with_options(tunnel, longer),
            with_options(tunnel, option(1), length=4),
            with_options(tunnel, option(31) + option(30), length=200),
            with_options(tunnel, option(0) * 3 + longer),
            with_options(tunnel, patched(option(0), 3, b"\x1f")),
            # All the rest of the datagram, and a word more; all bytes of the frame would do.
            with_options(tunnel, option(1), inner=b"", length=12),
            with_options(tunnel, b"", inner=b"", length=4),
            with_options(tunnel, option(0) * 62, inner=b"\x00" * 3, length=LONGEST_OPTIONS),
        ):
            case.frame("underlay", packet).drops("geneve_options")
        behind = bytes(with_options(tunnel, b"", inner=b"", length=8)) + option(0) * 20
        case.frame("underlay", behind).drops("geneve_options")
        yield case
        wire = Wire(tunnel)
        case = Case(f"underlay-geneve-v{family}-options-and-no-frame-out-0p", [wire])
        for rest in (b"", b"\x02" * 13):
            step = case.frame("underlay", with_options(tunnel, option(5), inner=rest))
            step.drops("inner_truncated", wire, len(rest))
        yield case


def control_and_version():
    """§3.4: O: the payload must not be forwarded; an unknown version is dropped."""
    for family, tunnel in GENEVE.items():
        case = Case(f"underlay-geneve-v{family}-control-out-0p", [Wire(tunnel)])
        case.frame("underlay", tunnel.incoming(INNER, header={"oam": 1})).drops("geneve_control")
        step = case.frame("underlay", with_options(tunnel, option(2), oam=1))
        step.drops("geneve_control")
        yield case
        case = Case(f"underlay-geneve-v{family}-other-version-out-0p", [Wire(tunnel)])
        for version in (1, 2, 3):
            step = case.frame("underlay", tunnel.incoming(INNER, header={"version": version}))
            step.drops("geneve_version")
        yield case


def protocol_type():
    """Only Ethernet (0x6558) is carried."""
    for family, tunnel in GENEVE.items():
        wire = Wire(tunnel)
        case = Case(f"underlay-geneve-v{family}-other-protocol-out-0p", [wire])
        for proto in (0, 0x0800, 0x86DD, 0x6559, 0x5865, 0x8847, 0x1234):
            step = case.frame("underlay", tunnel.incoming(INNER, header={"proto": proto}))
            step.drops("gre_protocol", wire, len(INNER))
        yield case


def truncated():
    for family, tunnel in GENEVE.items():
        case = Case(f"underlay-8p-geneve-v{family}-header-cut-out-0p", [Wire(tunnel)])
        for count in range(8):
            packet = tunnel.incoming(INNER)
            header = bytes(packet[UDP].payload)[:count]
            packet[UDP].remove_payload()
            case.frame("underlay", packet / Raw(header)).drops("truncated")
        yield case


def every_cut_of_options():
    """However the datagram is cut inside its options, nothing of it is delivered."""
    tunnel = GENEVE[4]
    case = Case("hostile-geneve-v4-options-every-prefix", [Wire(tunnel)])
    whole = bytes(with_options(tunnel, option(2) + option(0) + option(9), checksum=True))
    for count in range(1, len(whole)):
        case.frame("underlay", whole[:count]).is_not_sent()
    case.decaps(whole, INNER)
    yield case
    # With lengths that agree: the datagram itself is short.
    case = Case("underlay-geneve-v4-datagram-ends-in-the-options-out-0p", [Wire(tunnel)])
    options = option(2) + option(0) + option(9)
    for count in range(len(options)):
        packet = with_options(tunnel, b"", inner=options[:count], length=len(options))
        case.frame("underlay", packet).drops("geneve_options")
    yield case


def random_options():
    """Options made of random bytes: delivered exactly when they add up and none is critical."""
    chance = random.Random("geneve options")
    tunnel, wire = GENEVE[4], Wire(GENEVE[4])
    case = Case("hostile-geneve-v4-random-options", [wire])
    for _ in range(400):
        words = chance.randrange(64)
        options = bytearray(chance.randbytes(words * 4))
        # Short lengths and few critical bits, so that some do add up.
        for at in range(0, len(options), 4):
            options[at + 2] &= 0xFF if chance.randrange(20) == 0 else 0x7F
            options[at + 3] = chance.choice((0, 0, 0, 1, 2, 0x20, 0xE1, 31))
        step = case.frame("underlay", with_options(tunnel, bytes(options)))
        if add_up(options):
            step.sends("access", Plain(INNER), wire, len(INNER))
        else:
            step.drops("geneve_options")
    assert 20 < sum(step.fate == "sent" for step in case.steps) < 380
    return case


def add_up(options):
    at = 0
    while at < len(options):
        if options[at + 2] & 0x80:
            return False
        at += 4 + 4 * (options[at + 3] & 0x1F)
    return at == len(options)


def other_tunnels_header():
    """VXLAN's and Geneve's packets on each other's port (Geneve on 4789 has no I flag)."""
    wires = [Wire(VXLAN[4], vlan=1), Wire(GENEVE[4], lan="b", name="b-tun", vlan=2)]
    case = Case("underlay-vxlan-and-geneve-on-each-others-port-out-0p", wires)
    vxlan_as_geneve = VXLAN[4].incoming(INNER)
    vxlan_as_geneve[UDP].dport = 6081
    geneve_as_vxlan = GENEVE[4].incoming(INNER)
    geneve_as_vxlan[UDP].dport = 4789
    case.frame("underlay", geneve_as_vxlan).drops("vxlan_flags")
    # Read as Geneve, 0x08 announces 32 bytes of options; the second runs over them.
    case.frame("underlay", vxlan_as_geneve).drops("geneve_options")
    case.decaps(VXLAN[4].incoming(INNER), tagged(INNER, 1), wires[0])
    case.decaps(GENEVE[4].incoming(INNER), tagged(INNER, 2), wires[1])
    return case


def cases():
    yield from options_are_skipped()
    yield from reserved_bits_are_ignored()
    yield from critical_options()
    yield from malformed_options()
    yield from control_and_version()
    yield from protocol_type()
    yield from truncated()
    yield from every_cut_of_options()
    yield random_options()
    yield other_tunnels_header()
