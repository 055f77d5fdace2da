"""GRE's optional fields: sequence numbers, checksum, and keys that differ by direction."""

from dataclasses import replace

from harness.case import Case, Wire
from harness.frames import ip_frame, patched, tagged
from harness.tunnel import Tunnel

from .tunnels import GRE, KEYED

INNER = ip_frame()
LAST = 0xFFFFFFFF
HALF = 0x80000000


def numbered(tunnel=GRE[4], **keys):
    return replace(tunnel, sequence=True, **keys)


def received(name, numbers, tunnel=None):
    """`numbers`: (sequence number or None, whether it is taken) pairs, in order."""
    wire = Wire(tunnel or numbered())
    case = Case(name, [wire])
    for number, taken in numbers:
        packet = wire.tunnel.incoming(INNER, sequence=number)
        if taken:
            case.decaps(packet, INNER)
        else:
            case.frame("underlay", packet).drops("gre_sequence", wire, len(INNER))
    return case


def sequence_received():
    """RFC 2890 §2.2, with nothing buffered: a gap is accepted, late and repeated ones are dropped."""
    yield received("underlay-gre-sequence-in-order", [(n, True) for n in range(5)])
    yield received(
        "underlay-gre-sequence-gap-accepted-late-and-repeated-dropped",
        [(0, True), (5, True), (5, False), (3, False), (1, False), (6, True), (0, False), (7, True)],
    )
    # The last one before all is 2^32 - 1.
    yield received("underlay-gre-sequence-first-is-ahead", [(HALF - 1, True), (0, False)])
    yield received(
        "underlay-gre-sequence-first-is-behind",
        [(LAST, False), (HALF, False), (HALF + 1, False), (0, True), (0, False)],
    )
    yield received(
        "underlay-gre-sequence-wraps",
        [(HALF - 1, True), (LAST - 1, True), (LAST, True), (0, True), (LAST, False), (1, True)],
    )
    yield received(
        "underlay-gre-sequence-window-is-half",
        [(10, True), (11 + HALF, False), (10 + HALF, True), (11, False), (10, True), (9, False)],
    )
    yield received(
        "underlay-gre-sequence-packets-without-s-accepted",
        [(None, True), (7, True), (None, True), (None, True), (6, False), (None, True), (8, True)],
    )
    everything = numbered(KEYED[6], checksum="require")
    wire = Wire(everything)
    case = Case("underlay-gre-v6-key-checksum-sequence-late-dropped", [wire])
    for number, taken in ((0, True), (9, True), (8, False), (10, True)):
        packet = everything.incoming(INNER, sequence=number, gre_checksum=True)
        if taken:
            case.decaps(packet, INNER)
        else:
            case.frame("underlay", packet).drops("gre_sequence", wire, len(INNER))
    yield case


def state_changes_last():
    """A packet that is dropped for anything else moves no window."""
    tunnel = numbered(KEYED[4], checksum=True)
    wire = Wire(tunnel)
    case = Case("underlay-gre-sequence-of-a-dropped-packet-does-not-count", [wire])
    case.decaps(tunnel.incoming(INNER, sequence=1), INNER)

    def refused(packet, reason, inner=INNER):
        case.frame("underlay", packet).drops(reason, wire, len(inner))

    in_tag = tagged(INNER, 9)
    refused(tunnel.incoming(in_tag, sequence=1000), "inner_tag", in_tag)
    refused(tunnel.incoming(INNER[:20], sequence=1000), "inner_truncated", INNER[:20])
    refused(tunnel.incoming(INNER, sequence=1000, ecn=3), "ecn_congestion")
    refused(tunnel.incoming(INNER, sequence=1000, header={"proto": 0x0800}), "gre_protocol")
    bad = tunnel.incoming(INNER, sequence=1000, gre_checksum=True, header={"chksum": 1})
    refused(bad, "gre_checksum")
    stranger = tunnel.incoming(INNER, sequence=1000, src="203.0.113.9")
    case.frame("underlay", stranger).drops("peer_not_allowed")
    other = tunnel.with_id(1).incoming(INNER, sequence=1000)
    case.frame("underlay", other).drops("unknown_key")
    fragment = tunnel.incoming(INNER, sequence=1000, flags="MF")
    case.frame("underlay", fragment).drops("outer_fragment")
    case.decaps(tunnel.incoming(INNER, sequence=2), INNER)
    refused(tunnel.incoming(INNER, sequence=1), "gre_sequence")
    return case


def counters_of_their_own():
    """One counter a tunnel and direction (RFC 2890 §2.2: per key)."""
    wires = [
        Wire(numbered(KEYED[4]).with_id(n), lan=f"l{n}", name=f"t{n}", vlan=n) for n in (1, 2)
    ]
    case = Case("gre-sequence-one-counter-a-tunnel-and-direction", wires)
    for number in range(4):
        for wire in wires[: 1 + number % 2]:
            sent = sum(s.ends == wire.inwards() for s in case.steps)
            case.encaps(INNER, wire, arrives=tagged(INNER, wire.vlan), sequence=sent)
    for wire, number in ((wires[0], 50), (wires[1], 0), (wires[0], 51), (wires[1], 1)):
        packet = wire.tunnel.incoming(INNER, sequence=number)
        case.decaps(packet, tagged(INNER, wire.vlan), wire)
    late = wires[0].tunnel.incoming(INNER, sequence=2)
    case.frame("underlay", late).drops("gre_sequence", wires[0], len(INNER))
    yield case


def sequence_sent():
    """The first is 0, each packet sent adds one, and what is dropped on the way takes no number."""
    for family in (4, 6):
        for name, tunnel in (
            ("sequence", numbered(GRE[family])),
            ("key-sequence", numbered(KEYED[family])),
            ("checksum-sequence", numbered(GRE[family], checksum=True)),
            ("key-checksum-sequence", numbered(KEYED[family], checksum=True)),
        ):
            wire = Wire(replace(tunnel, ttl="inherit"))
            case = Case(f"access-gre-v{family}-{name}-counts-from-0", [wire])
            over = ip_frame(length=1490)
            dead = patched(INNER, 22, b"\x00")
            numbers = iter(range(100))
            for length in (100, 101, 1400):
                frame = ip_frame(length=length)
                case.encaps(frame, ttl=64, sequence=next(numbers))
                case.frame("access", over).drops("too_big", wire, len(over))
                case.frame("access", dead).drops("inner_ttl", wire, len(dead))
                case.encaps(ip_frame(6), ttl=64, sequence=next(numbers))
            yield case


def overhead():
    """4 bytes for each of key, checksum and sequence number, whatever the packet says."""
    for name, tunnel, size in (
        ("checksum", replace(GRE[4], checksum=True), 42),
        ("require", replace(GRE[4], checksum="require"), 42),
        ("sequence", numbered(GRE[6]), 62),
        ("all", numbered(KEYED[4], checksum=True), 50),
        ("all-v6", numbered(KEYED[6], checksum=True), 70),
    ):
        wire = Wire(tunnel)
        case = Case(f"access-2p-gre-{name}-mtu-1500-out-1p-too-big-1p", [wire])
        number = {"sequence": 0} if tunnel.sequence else {}
        case.encaps(ip_frame(length=1500 - size), **number)
        over = ip_frame(length=1501 - size)
        case.frame("access", over).drops("too_big", wire, len(over))
        yield case


def checksum_sent_and_received():
    """RFC 2784 §2.5. `true`: sent, verified where it is; "require": and packets without dropped."""
    for family in (4, 6):
        for name, tunnel in (("gre", GRE[family]), ("gre-key", KEYED[family])):
            for value, word in ((True, "true"), ("require", "require")):
                yield checksum_case(f"gre-checksum-{word}-{name}-v{family}", tunnel, value)


def checksum_case(name, tunnel, value):
    wire = Wire(replace(tunnel, checksum=value))
    case = Case(name, [wire])
    odd = ip_frame(length=101)
    for frame in (INNER, odd, ip_frame(6)):
        case.encaps(frame)
        case.decaps(tunnel.incoming(frame, gre_checksum=True), frame)
    without = tunnel.incoming(INNER)
    if value == "require":
        case.frame("underlay", without).drops("gre_checksum_missing", wire, len(INNER))
    else:
        case.decaps(without, INNER)
    good = bytes(tunnel.incoming(INNER, gre_checksum=True))
    at = tunnel.l4_offset + 4
    # In the checksum, in Reserved1 (which it covers), in the payload's last byte.
    for place in (at, at + 1, at + 3, len(good) - 1):
        wrong = patched(good, place, bytes([good[place] ^ 0x40]))
        case.frame("underlay", wrong).drops("gre_checksum", wire, len(INNER))
    # Ethernet padding is not under the checksum.
    short = ip_frame(length=28)
    packet = bytes(tunnel.incoming(short, gre_checksum=True)) + b"\xff" * 8
    case.decaps(packet, short + bytes(60 - len(short)), counted=len(short))
    return case


def checksum_of_zero():
    """A GRE checksum that computes to 0 is sent as 0 and taken as 0: the C bit says it is there."""
    tunnel = replace(GRE[4], checksum=True)
    case = Case("gre-checksum-0-and-ffff", [Wire(tunnel)])
    at = tunnel.l4_offset + 4
    plain = bytes(tunnel.incoming(INNER, gre_checksum=True))
    total = int.from_bytes(INNER[-2:], "big") + int.from_bytes(plain[at : at + 2], "big")
    inner = INNER[:-2] + ((total & 0xFFFF) + (total >> 16)).to_bytes(2, "big")
    packet = bytes(tunnel.incoming(inner, gre_checksum=True))
    assert packet[at : at + 2] == b"\x00\x00"
    case.decaps(packet, inner)
    case.decaps(patched(packet, at, b"\xff\xff"), inner)
    case.encaps(inner)
    case.wild = True
    return case


def own_keys_come_in_order():
    """`gre_protocol`, then the checksum, then the sequence number, then the inner frame."""
    tunnel = numbered(KEYED[4], checksum="require")
    wire = Wire(tunnel)
    case = Case("underlay-gre-two-faults-in-its-own-keys", [wire])
    case.decaps(tunnel.incoming(INNER, sequence=10, gre_checksum=True), INNER)
    in_tag = tagged(INNER, 9)
    no_ethernet = {"proto": 0x0800}
    for reason, packet in (
        ("gre_protocol", tunnel.incoming(INNER, sequence=11, header=no_ethernet)),
        ("gre_protocol", tunnel.incoming(INNER, sequence=9, header=no_ethernet, gre_checksum=True)),
        (
            "gre_protocol",
            tunnel.incoming(INNER, sequence=11, header=no_ethernet | {"chksum": 1}, gre_checksum=True),
        ),
        ("gre_checksum_missing", tunnel.incoming(INNER, sequence=9)),
        ("gre_checksum_missing", tunnel.incoming(in_tag, sequence=11)),
        ("gre_checksum", tunnel.incoming(INNER, sequence=9, header={"chksum": 1}, gre_checksum=True)),
        ("gre_checksum", tunnel.incoming(in_tag, header={"chksum": 1}, gre_checksum=True)),
        ("gre_sequence", tunnel.incoming(in_tag, sequence=9, gre_checksum=True)),
        ("gre_sequence", tunnel.incoming(INNER, sequence=10, ecn=3, gre_checksum=True)),
        ("inner_tag", tunnel.incoming(in_tag, sequence=11, ecn=3, gre_checksum=True)),
    ):
        step = case.frame("underlay", packet)
        step.drops(reason, wire, len(in_tag) if in_tag in bytes(packet) else len(INNER))
    case.decaps(tunnel.incoming(INNER, sequence=11, gre_checksum=True), INNER)
    return case


def keys_by_direction():
    for family in (4, 6):
        tunnel = Tunnel("gre", family, id=7, send_key=0xFFFFFFFE)
        case = Case(f"gre-v{family}-key-send-and-receive", [Wire(tunnel)])
        case.encaps(INNER)
        case.decaps(tunnel.incoming(INNER), INNER)
        for other in (0xFFFFFFFE, 0, None):
            case.frame("underlay", tunnel.with_id(other).incoming(INNER)).drops("unknown_key")
        yield case
    # Two tunnels with each other's keys, between the same addresses.
    wires = [
        Wire(Tunnel("gre", id=a, send_key=b), tenant=f"t{a}", vlan=a) for a, b in ((1, 2), (2, 1))
    ]
    case = Case("gre-two-tunnels-with-each-others-keys", wires)
    for wire in wires:
        case.encaps(INNER, wire, arrives=tagged(INNER, wire.vlan))
        case.decaps(wire.tunnel.incoming(INNER), tagged(INNER, wire.vlan), wire)
    yield case
    zero = Tunnel("gre", id=0, send_key=5)
    case = Case("gre-key-receive-0-is-not-no-key", [Wire(zero)])
    case.encaps(INNER)
    case.decaps(zero.incoming(INNER), INNER)
    case.frame("underlay", zero.with_id(None).incoming(INNER)).drops("unknown_key")
    yield case


def cases():
    yield from sequence_received()
    yield state_changes_last()
    yield from counters_of_their_own()
    yield from sequence_sent()
    yield from overhead()
    yield from checksum_sent_and_received()
    yield checksum_of_zero()
    yield own_keys_come_in_order()
    yield from keys_by_direction()
