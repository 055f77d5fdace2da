"""Packets leave nothing behind: every kind of packet right after every other kind."""

from itertools import product

from harness.case import Case, Wire
from harness.frames import arp_frame, ip_frame, other_frame, padded, patched, tagged

from .tunnels import EVERY

INNER = ip_frame()


def wires():
    return [
        Wire(tunnel, tenant=name, vlan=number)
        for number, (name, tunnel) in enumerate(EVERY.items(), start=1)
    ]


def kinds(case):
    """Each entry takes one packet in."""
    for wire in case.wires:
        yield lambda w=wire: sound(case, w, INNER)
    first, last = case.wires[0], case.wires[-1]
    yield lambda: sound(case, first, arp_frame(), ecn=3)
    yield lambda: sound(case, last, other_frame(), ecn=3)
    yield lambda: sound(case, first, ip_frame(6, ecn=3), ecn=3)
    yield lambda: sound(case, last, ip_frame(4, ecn=1), ecn=2)
    yield lambda: refused(case, first, tagged(INNER, 5), "inner_tag")
    yield lambda: refused(case, last, INNER, "ecn_congestion", ecn=3)
    yield lambda: refused(case, last, INNER[:20], "inner_truncated")
    vxlan = patched(first.tunnel.incoming(INNER), 42, b"\x00")
    yield lambda: case.frame("underlay", vxlan).drops("vxlan_flags")
    fragment = first.tunnel.incoming(INNER, flags="MF")
    yield lambda: case.frame("underlay", fragment).drops("outer_fragment")
    for wire in (first, last):
        for frame in (arp_frame(), ip_frame(6, ecn=2)):
            ecn = 2 if len(frame) > 60 else 0
            yield lambda w=wire, f=frame, e=ecn: case.encaps(f, w, e, arrives=tagged(f, w.vlan))


def sound(case, wire, inner, ecn=0):
    # All frames used here keep their own marks under the outer ones given.
    frame = padded(tagged(inner, wire.vlan))
    case.decaps(wire.tunnel.incoming(inner, ecn=ecn), frame, wire, counted=len(inner))


def refused(case, wire, inner, reason, ecn=0):
    step = case.frame("underlay", wire.tunnel.incoming(inner, ecn=ecn))
    step.drops(reason, wire, len(inner))


def cases():
    case = Case("every-kind-of-packet-after-every-other", wires())
    for pair in product(kinds(case), repeat=2):
        for take in pair:
            take()
    yield case
