"""Tenants with the same addresses never see each other's frames."""

from harness.case import Case, Wire
from harness.frames import ip_frame, tagged
from harness.tunnel import Tunnel

TENANTS = 12


def tenant_frame(number):
    """Same hosts in every tenant; the number is in the payload only."""
    frame = ip_frame(length=60)
    return frame[:-4] + b"T%03d" % number


def side_by_side(name, tunnel_of, vlan_of):
    wires = [
        Wire(tunnel_of(n), tenant=f"t{n}", port="access", vlan=vlan_of(n)) for n in range(TENANTS)
    ]
    # The identical addresses leave a UDP checksum that differs by the tenant's number only.
    case = Case(name, wires, wild=True)
    for number, wire in enumerate(wires):
        frame = tenant_frame(number)
        case.encaps(frame, wire, arrives=tagged(frame, wire.vlan))
        case.decaps(wire.tunnel.incoming(frame), tagged(frame, wire.vlan), wire)
    return case


def identifiers():
    """Identifiers that are near each other in some way."""
    near = [0x010203, 0x010204, 0x010202, 0x030201, 0x020103, 0, 1, 2, 0xFFFFFF, 0xFFFFFE, 0x0102, 0x03]
    vids = [1, 2, 3, 100, 101, 1000, 1001, 2047, 2048, 4000, 4093, 4094]
    yield side_by_side(
        "12-tenants-near-vnis-and-vids-no-leak", lambda n: Tunnel(id=near[n]), lambda n: vids[n]
    )
    yield side_by_side(
        "12-tenants-near-keys-no-leak",
        lambda n: Tunnel("gre", id=near[n] << 8 | 0x7F),
        lambda n: vids[n],
    )
    yield side_by_side(
        "12-tenants-one-vni-told-apart-by-peer",
        lambda n: Tunnel(id=42, remote=f"198.51.100.{n + 1}"),
        lambda n: vids[n],
    )
    yield side_by_side(
        "12-tenants-one-vni-told-apart-by-local-address",
        lambda n: Tunnel(id=42, local=f"192.0.2.{n + 1}"),
        lambda n: vids[n],
    )
    yield side_by_side(
        "12-tenants-one-vni-told-apart-by-udp-port",
        lambda n: Tunnel(id=42, udp_port=5000 + n),
        lambda n: vids[n],
    )


def mixed_types():
    """VXLAN, keyed and keyless GRE with one number, on one pair of addresses."""
    tunnels = [Tunnel(id=0), Tunnel("gre", id=0), Tunnel("gre", id=None)]
    tunnels += [Tunnel(family=6, id=0), Tunnel("gre", 6, id=0), Tunnel("gre", 6, id=None)]
    wires = [Wire(tunnel, tenant=f"t{n}", vlan=n + 1) for n, tunnel in enumerate(tunnels)]
    case = Case("6-tenants-one-number-of-every-type-no-leak", wires, wild=True)
    for number, wire in enumerate(wires):
        frame = tenant_frame(number)
        case.encaps(frame, wire, arrives=tagged(frame, wire.vlan))
        case.decaps(wire.tunnel.incoming(frame), tagged(frame, wire.vlan), wire)
    return case


def another_tenants_peer():
    """The peer of one tenant cannot send into another tenant's tunnel."""
    a = Wire(Tunnel(id=1, remote="198.51.100.1"), tenant="a", vlan=1)
    b = Wire(Tunnel(id=2, remote="198.51.100.2"), tenant="b", vlan=2)
    case = Case("underlay-2p-another-tenants-peer-out-0p", [a, b])
    for wire, other in ((a, b), (b, a)):
        forged = wire.tunnel.incoming(ip_frame(), src=other.tunnel.remote)
        case.frame("underlay", forged).drops("peer_not_allowed")
    return case


def many_tunnels():
    """Three thousand tunnels; each finds its own, and the VNIs between them find nothing."""
    wires = [
        Wire(Tunnel(id=2 * n), tenant=f"t{n // 100}", lan=f"l{n}", name=f"x{n}", vlan=n + 1)
        for n in range(3000)
    ]
    case = Case("3000-tunnels-each-finds-its-own", wires)
    for n in range(0, 3000, 29):
        frame = ip_frame(length=60 + n % 50)
        case.decaps(wires[n].tunnel.incoming(frame), tagged(frame, n + 1), wires[n])
        case.encaps(frame, wires[n], arrives=tagged(frame, n + 1))
        case.frame("underlay", Tunnel(id=2 * n + 1).incoming(frame)).drops("unknown_vni")
    return case


def cases():
    yield from identifiers()
    yield mixed_types()
    yield another_tenants_peer()
    yield many_tunnels()
