"""MTU both ways, next hops, and headroom."""

from harness.case import Case, Wire, default_gateway
from harness.frames import ip_frame, padded, tagged
from harness.tunnel import Tunnel

from .told import told_on_port
from .tunnels import EVERY, OVERHEAD, VXLAN


def underlay_mtu(name, tunnel):
    """The outer IP packet, as sent, may be as large as the underlay's MTU and no larger."""
    for mtu in (1500, 9000):
        wire = Wire(tunnel)
        case = Case(f"access-4p-{name}-mtu-{mtu}-out-2p-too-big-2p", [wire])
        case.gateway["ports"][0]["mtu"] = mtu
        largest = mtu - OVERHEAD[name]
        for family in (4, 6):
            case.encaps(ip_frame(family, length=largest))
            over = ip_frame(family, length=largest + 1)
            if family == 4:
                # Without DF it is dropped and no more.
                case.frame("access", over).drops("too_big", wire, len(over))
            else:
                told_on_port(case, wire, over, largest)
        yield case


def access_mtu():
    """Towards the tenant the attachment's MTU holds, by default the port's; tags do not count."""
    for name, wire, mtu in (
        ("port", Wire(VXLAN[4]), 1500),
        ("port-vlan", Wire(VXLAN[4], vlan=100), 1500),
        ("attachment", Wire(VXLAN[4], mtu=1400), 1400),
    ):
        case = Case(f"underlay-2p-vxlan-{name}-mtu-out-1p-too-big-1p", [wire])
        case.gateway["ports"][0]["mtu"] = 9000
        fits, over = ip_frame(length=mtu), ip_frame(length=mtu + 1)
        case.decaps(VXLAN[4].incoming(fits), fits if wire.vlan is None else tagged(fits, 100))
        case.frame("underlay", VXLAN[4].incoming(over)).drops("too_big", wire, len(over))
        # The attachment's MTU is towards the tenant only.
        sent = ip_frame(length=1500)
        case.encaps(sent, arrives=sent if wire.vlan is None else tagged(sent, 100))
        yield case


def next_hops():
    def case(name, remote, reason):
        wire = Wire(Tunnel(remote=remote))
        built = Case(name, [wire])
        for _ in range(3):
            built.frame("access", ip_frame()).drops(reason, wire, len(ip_frame()))
        built.decaps(wire.tunnel.incoming(ip_frame()), ip_frame())
        return built

    yield case("access-3p-no-route-and-decap-works", "203.0.113.77", "no_route")
    yield case("access-3p-no-neighbor-and-decap-works", "192.0.2.77", "no_neighbor")
    on_link = Tunnel(remote="192.0.2.9", next_hop_mac="02:0a:00:00:00:09")
    built = Case("access-1p-remote-on-link-out-1p", [Wire(on_link)])
    built.gateway["neighbors"].append(
        {"address": "192.0.2.9", "mac": on_link.next_hop_mac, "port": "underlay"}
    )
    built.encaps(ip_frame())
    yield built
    yield longest_prefix()


def longest_prefix():
    """The most specific route wins, wherever it stands in the file."""
    far = Tunnel(id=1, next_hop_mac="02:0a:00:00:00:01")
    near = Tunnel(id=2, remote="198.51.100.200", next_hop_mac="02:0a:00:00:00:02")
    wires = [Wire(far, vlan=1), Wire(near, lan="lan2", name="tun2", vlan=2)]
    case = Case("access-2p-longest-prefix-wins", wires)
    case.gateway["routes"] = [
        {"prefix": "198.51.100.192/26", "via": "192.0.2.102", "port": "underlay"},
        {"prefix": "0.0.0.0/0", "via": "192.0.2.101", "port": "underlay"},
    ]
    case.gateway["neighbors"] = [
        {"address": "192.0.2.101", "mac": far.next_hop_mac, "port": "underlay"},
        {"address": "192.0.2.102", "mac": near.next_hop_mac, "port": "underlay"},
    ]
    case.encaps(ip_frame(), wires[0], arrives=tagged(ip_frame(), 1))
    case.encaps(ip_frame(), wires[1], arrives=tagged(ip_frame(), 2))
    return case


def exact_headroom():
    """A push that takes all the room there is: 256 bytes less the reserved ones."""
    for name, need in (("vxlan-v4", 50), ("vxlan-v6", 70)):
        case = Case(f"access-1p-{name}-fills-the-headroom", [Wire(EVERY[name])])
        for port in case.gateway["ports"]:
            port["reservedHeadroom"] = 256 - need
        case.encaps(ip_frame())
        case.decaps(EVERY[name].incoming(ip_frame()), padded(ip_frame()))
        yield case


def given_mac():
    """A configured MAC stands instead of the one made from the port's position."""
    mac = "02:12:34:56:78:9a"
    wire = Wire(Tunnel(port_mac=mac))
    gateway = default_gateway()
    gateway["ports"][0]["mac"] = mac
    case = Case("access-1p-port-with-a-given-mac-and-back", [wire], gateway)
    case.encaps(ip_frame())
    case.decaps(wire.tunnel.incoming(ip_frame()), ip_frame())
    case.frame("underlay", VXLAN[4].incoming(ip_frame())).to_kernel()
    return case


def cases():
    for name, tunnel in EVERY.items():
        yield from underlay_mtu(name, tunnel)
    yield from access_mtu()
    yield from next_hops()
    yield from exact_headroom()
    yield given_mac()
