"""ECN by RFC 6040, normal mode: all cells of both tables."""

from harness.case import Case, Wire
from harness.frames import ip_frame, other_frame, patched
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from .tunnels import EVERY, GRE, VXLAN

# RFC 6040 §4.2, figure 4: row = inner, column = outer; None is a drop.
EGRESS = {
    0b00: {0b00: 0b00, 0b01: 0b00, 0b10: 0b00, 0b11: None},
    0b01: {0b00: 0b01, 0b01: 0b01, 0b10: 0b01, 0b11: 0b11},
    0b10: {0b00: 0b10, 0b01: 0b01, 0b10: 0b10, 0b11: 0b11},
    0b11: {0b00: 0b11, 0b01: 0b11, 0b10: 0b11, 0b11: 0b11},
}


def encapsulation(name, tunnel):
    """§4.1: the inner field is copied out; DSCP is not."""
    case = Case(f"access-9p-ecn-out-9p-{name}-copied", [Wire(tunnel)])
    for family in (4, 6):
        for ecn in range(4):
            case.encaps(ip_frame(family, ecn=ecn, dscp=46), ecn=ecn)
    # Not IP: the bytes where IP would have its ECN field mean nothing.
    case.encaps(other_frame(), ecn=0)
    return case


def decapsulation(name, tunnel):
    wire = Wire(tunnel)
    case = Case(f"underlay-32p-{name}-ecn-out-30p", [wire])
    for family in (4, 6):
        for inner, row in EGRESS.items():
            for outer, result in row.items():
                frame = ip_frame(family, ecn=inner, dscp=10)
                packet = tunnel.incoming(frame, ecn=outer, dscp=46)
                if result is None:
                    step = case.frame("underlay", packet)
                    step.drops("ecn_congestion", wire, len(frame))
                else:
                    case.decaps(packet, ip_frame(family, ecn=result, dscp=10))
    return case


def not_ip():
    """Outer CE does nothing to a payload without an ECN field."""
    case = Case("underlay-1p-vxlan-ce-not-ip-out-1p", [Wire(VXLAN[4])])
    case.decaps(VXLAN[4].incoming(other_frame(), ecn=3), other_frame())
    return case


def broken_inner_checksum():
    """An inner checksum that was wrong is carried on just as wrong: the gateway does not repair it."""
    case = Case("underlay-2p-ce-keeps-wrong-inner-checksum-wrong", [Wire(GRE[4])], wild=True)
    for identification in (7, 0xFFFF):
        frame, marked = (with_checksum_off_by_one(ecn, identification) for ecn in (2, 3))
        case.decaps(GRE[4].incoming(frame, ecn=3), marked)
    return case


def with_checksum_off_by_one(ecn, identification):
    packet = Ether(ip_frame(ecn=ecn))
    packet[IP].id = identification
    del packet[IP].chksum
    frame = bytes(packet)
    wrong = int.from_bytes(frame[24:26], "big") - 1
    return patched(frame, 24, wrong.to_bytes(2, "big"))


def cases():
    for name, tunnel in EVERY.items():
        yield encapsulation(name, tunnel)
        yield decapsulation(name, tunnel)
    yield not_ip()
    yield broken_inner_checksum()
