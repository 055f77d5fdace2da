"""The type of a tunnel is part of what a packet must match: only the diagonal delivers."""

from dataclasses import replace
from itertools import product

from harness.case import Case, Wire
from harness.frames import NEXT_HOP_MAC, REMOTE, UNDERLAY_MAC, ip_frame, tagged
from harness.tunnel import Tunnel
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from .tunnels import KINDS

INNER = ip_frame()
# One number for all: VNI, VSID, and a key of GRE whose first 24 bits are it too.
NUMBER = 0x123456
LOCALS = {
    4: {
        "vxlan": "192.0.2.11",
        "geneve": "192.0.2.12",
        "gre": "192.0.2.13",
        "gre-key": "192.0.2.14",
        "nvgre": "192.0.2.15",
    },
    6: {
        "vxlan": "2001:db8::11",
        "geneve": "2001:db8::12",
        "gre": "2001:db8::13",
        "gre-key": "2001:db8::14",
        "nvgre": "2001:db8::15",
    },
}
GRE_KINDS = ("gre", "gre-key", "nvgre")


def tunnel_of(kind, family, local=None):
    identifier = {"gre": None, "gre-key": NUMBER << 8}.get(kind, NUMBER)
    return replace(KINDS[kind][family], id=identifier, local=local or LOCALS[family][kind])


def wires_of(family):
    return {
        kind: Wire(tunnel_of(kind, family), tenant=kind, vlan=n + 1) for n, kind in enumerate(KINDS)
    }


def fate(case, packet, kind, at, wires):
    """What becomes of a packet of `kind` sent to the address where `at` lives."""
    wire = wires[at]
    # A key whose first 24 bits are the VSID is NVGRE's: the packets do not differ.
    same = kind == at or (kind, at) in (("gre-key", "nvgre"),)
    if same:
        case.decaps(packet, tagged(INNER, wire.vlan), wire)
    elif kind in GRE_KINDS and at in GRE_KINDS:
        case.frame("underlay", packet).drops("unknown_key")
    else:
        case.frame("underlay", packet).to_kernel()


def matrix():
    """An address for each type; every type is sent to every address."""
    for family in (4, 6):
        wires = wires_of(family)
        case = Case(f"t2-every-type-to-every-address-v{family}-only-the-diagonal", list(wires.values()))
        for kind, at in product(KINDS, KINDS):
            local = LOCALS[family][at]
            fate(case, tunnel_of(kind, family, local).incoming(INNER), kind, at, wires)
        yield case


def one_address():
    """All types on one address with one number: each to its own tenant."""
    for family in (4, 6):
        wires = {
            kind: Wire(replace(wire.tunnel, local=LOCALS[family]["vxlan"]), tenant=kind, vlan=wire.vlan)
            for kind, wire in wires_of(family).items()
            if kind != "nvgre"
        }
        nvgre = replace(tunnel_of("nvgre", family), id=NUMBER + 1, local=LOCALS[family]["vxlan"])
        wires["nvgre"] = Wire(nvgre, tenant="nvgre", vlan=9)
        case = Case(f"t2-every-type-on-one-address-v{family}-each-to-its-own", list(wires.values()))
        for wire in wires.values():
            case.decaps(wire.tunnel.incoming(INNER), tagged(INNER, wire.vlan), wire)
            case.encaps(INNER, wire, arrives=tagged(INNER, wire.vlan))
        yield case


def swapped_ports():
    """UDP tunnels on each other's well-known port: the configured port decides, not the number."""
    vxlan = Wire(Tunnel(id=1, udp_port=6081), vlan=1)
    geneve = Wire(Tunnel("geneve", id=1, udp_port=4789), lan="b", name="b-t", vlan=2)
    case = Case("t2-vxlan-on-6081-geneve-on-4789", [vxlan, geneve], wild=True)
    for wire in (vxlan, geneve):
        case.decaps(wire.tunnel.incoming(INNER), tagged(INNER, wire.vlan), wire)
        case.encaps(INNER, wire, arrives=tagged(INNER, wire.vlan))
    case.frame("underlay", Tunnel("geneve", id=1).incoming(INNER)).drops("vxlan_flags")
    yield case


def other_protocols():
    """Tunnels that this gateway does not have, to every address of ours: the kernel's."""
    for family in (4, 6):
        wires = wires_of(family)
        case = Case(f"t2-other-tunnels-to-our-addresses-v{family}-to-kernel", list(wires.values()))
        for local in LOCALS[family].values():
            for packet in foreign(family, local):
                case.frame("underlay", packet).to_kernel()
        yield case


def foreign(family, local):
    mac = Ether(dst=UNDERLAY_MAC, src=NEXT_HOP_MAC)
    if family == 4:
        outer = lambda proto: mac / IP(src=REMOTE[4], dst=local, proto=proto)
    else:
        outer = lambda proto: mac / IPv6(src=REMOTE[6], dst=local, nh=proto)
    inside = ip_frame()[14:]
    # IP in IP, IPv6 in IP, EtherIP, L2TP, ESP, MPLS in IP, SCTP, and a number without a name.
    for proto in (4, 41, 97, 115, 50, 137, 132, 253):
        yield outer(proto) / Raw(inside)
    # GUE, VXLAN-GPE, Teredo, L2TP, GTP-U, MPLS in UDP, FOU, Linux's old VXLAN port.
    for port in (6080, 4790, 3544, 1701, 2152, 6635, 5555, 8472):
        yield outer(17) / UDP(sport=50000, dport=port) / Raw(b"\x08" + bytes(7) + INNER)


def neighbouring_identifiers():
    """T3: identifiers near the tunnel's in some way find nothing; the tunnel's own finds it."""
    near = {0x123455, 0x123457, 0x563412, 0x341256, 0x12, 0x3456, 0, 0xFFFFFF}
    near |= {NUMBER ^ 1 << bit for bit in range(24)}
    for kind, family in product(("vxlan", "geneve", "nvgre"), (4, 6)):
        tunnel = tunnel_of(kind, family)
        reason = "unknown_vni" if tunnel.is_udp else "unknown_key"
        case = Case(f"t3-{kind}-v{family}-neighbouring-ids-out-0p", [Wire(tunnel)])
        for other in sorted(near):
            packet = tunnel.with_id(other).incoming(INNER, flow_id=0x56)
            case.frame("underlay", packet).drops(reason)
            case.decaps(tunnel.incoming(INNER, flow_id=other & 0xFF), INNER)
        yield case


def tenants_with_near_identifiers():
    near = [0x010203, 0x010204, 0x010202, 0x030201, 0x020103]
    near += [0x1000, 0x1001, 0xFFFFFE, 0xFFFFFD, 0x0102FF]
    for kind, family in product(KINDS, (4, 6)):
        if kind == "gre":
            continue
        shift = 8 if kind == "gre-key" else 0
        wires = [
            Wire(replace(KINDS[kind][family], id=number << shift), tenant=f"t{n}", vlan=n + 1)
            for n, number in enumerate(near)
        ]
        case = Case(f"t3-{kind}-v{family}-10-tenants-near-ids-no-leak", wires, wild=True)
        for n, wire in enumerate(wires):
            # The same hosts everywhere; only the payload says whose frame it is.
            frame = INNER[:-4] + b"T%03d" % n
            case.encaps(frame, wire, arrives=tagged(frame, wire.vlan))
            case.decaps(wire.tunnel.incoming(frame), tagged(frame, wire.vlan), wire)
        yield case


def cases():
    yield from matrix()
    yield from one_address()
    yield from swapped_ports()
    yield from other_protocols()
    yield from neighbouring_identifiers()
    yield from tenants_with_near_identifiers()
