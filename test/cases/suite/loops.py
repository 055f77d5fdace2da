"""What this gateway would itself decapsulate again is not sent; a packet is decapsulated once."""

from dataclasses import replace

from harness.case import Attachment, Case, Link, Wire
from harness.frames import LOCAL, NEXT_HOP_MAC, REMOTE, ip_frame, tagged
from harness.tunnel import Tunnel

from .tunnels import EVERY, VXLAN

INNER = ip_frame()
OTHER = {4: "192.0.2.2", 6: "2001:db8::2"}


def own_endpoint_as_remote():
    """`inner_loop`, with and without a neighbor entry for the address."""
    for name, tunnel in EVERY.items():
        for known in (False, True):
            there = replace(tunnel, remote=OTHER[tunnel.family])
            back = replace(tunnel, local=OTHER[tunnel.family], remote=LOCAL[tunnel.family])
            wires = [Wire(there, vlan=1), Wire(back, lan="b", name="b-t", vlan=2)]
            word = "with" if known else "without"
            case = Case(f"access-{name}-remote-is-an-own-endpoint-{word}-neighbor", wires)
            if known:
                for address in (OTHER[tunnel.family], LOCAL[tunnel.family]):
                    entry = {"address": address, "mac": "02:00:00:00:00:01", "port": "underlay"}
                    case.gateway["neighbors"].append(entry)
            for wire in wires:
                step = case.frame("access", tagged(INNER, wire.vlan))
                step.drops("inner_loop", wire, len(INNER))
            yield case


def stitched_into_itself():
    """A tunnel whose way out leads back to the gateway drops what the other brings."""
    west = replace(VXLAN[4], name="west")
    east = Tunnel(id=2, local="192.0.2.2", remote="192.0.2.1", name="east")
    link = Link(west, east)
    back = Wire(Tunnel(id=2, local="192.0.2.1", remote="192.0.2.2"), lan="b", name="b-t", vlan=2)
    case = Case("stitch-into-an-own-endpoint-out-0p", [link, back])
    case.refuses(link, west, west.incoming(INNER), "inner_loop", len(INNER))
    yield case


def own_address_that_takes_nothing():
    """An endpoint of ours as remote is no loop where no tunnel would take the packet: another
    identifier, another source, or a receiver with a prefix of sources, none of which is ours. It
    goes where the underlay's routes say."""
    for name, tunnel in EVERY.items():
        family = tunnel.family
        there = replace(tunnel, remote=OTHER[family])
        back = replace(tunnel, local=OTHER[family], remote=LOCAL[family])
        everywhere = ("0.0.0.0/0",) if family == 4 else ("::/0",)
        others = {"source": replace(back, remote=REMOTE[family]), "prefix": replace(back, accept_from=everywhere)}
        if tunnel.id is not None:
            others["id"] = back.with_id(tunnel.id + 1)
        for word, other in others.items():
            wires = [Wire(there, vlan=1), Wire(other, lan="b", name="b-t", vlan=2)]
            case = Case(f"access-{name}-remote-is-an-own-endpoint-of-another-{word}", wires)
            entry = {"address": OTHER[family], "mac": NEXT_HOP_MAC, "port": "underlay"}
            case.frame("access", tagged(INNER, 1)).drops("no_neighbor", wires[0], len(INNER))
            known = Case(f"{case.name}-known", wires)
            known.gateway["neighbors"].append(entry)
            known.encaps(INNER, wires[0], arrives=tagged(INNER, 1))
            yield from (case, known)


def inner_addresses_are_the_tenants():
    """An inner address that equals an endpoint's is a tenant's own business; even a whole tunnel
    packet to this gateway is a frame like any other, decapsulated once."""
    for name, tunnel in EVERY.items():
        wire = Wire(tunnel)
        case = Case(f"{name}-tunnel-packet-inside-is-a-tenants-frame", [wire], wild=True)
        inside = INNER
        for _ in range(8):
            inside = bytes(tunnel.incoming(inside))
            case.decaps(tunnel.incoming(inside), inside)
            case.encaps(inside)
        yield case


def own_output():
    """What was sent, back in: it is not for this gateway; and turned round, its source is its own."""
    for name, tunnel in EVERY.items():
        case = Case(f"underlay-{name}-own-output-back-in", [Wire(tunnel)])
        sent = tunnel.outgoing(INNER, 0, tunnel.made_up(5))
        case.frame("underlay", sent).to_kernel()
        turned = tunnel.incoming(INNER, src=tunnel.local_address)
        case.frame("underlay", turned).drops("bad_outer_source")
        yield case


def one_armed_ring():
    """Attachments of one port that are joined crosswise: each frame passes once."""
    a = Link(Attachment("a", vlan=1), Attachment("b", vlan=2))
    b = Link(Attachment("c", vlan=3), Attachment("d", vlan=4))
    case = Case("access-one-armed-each-frame-passes-once", [a, b])
    case.crosses(a, a.a, tagged(INNER, 1), tagged(INNER, 2), len(INNER))
    case.crosses(a, a.b, tagged(INNER, 2), tagged(INNER, 1), len(INNER))
    case.crosses(b, b.a, tagged(INNER, 3), tagged(INNER, 4), len(INNER))
    yield case


def cases():
    yield from own_endpoint_as_remote()
    yield from stitched_into_itself()
    yield from own_address_that_takes_nothing()
    yield from inner_addresses_are_the_tenants()
    yield from own_output()
    yield from one_armed_ring()
