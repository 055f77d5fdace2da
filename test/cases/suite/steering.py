"""What is not ours stays the kernel's, unchanged; what is blocked dies first."""

from harness.case import Case, Wire
from harness.frames import (
    ACCESS_MAC,
    HOST_A,
    LOCAL,
    NEXT_HOP_MAC,
    REMOTE,
    UNDERLAY_MAC,
    arp_frame,
    ether,
    ip_frame,
    other_frame,
    padded,
    tagged,
)
from harness.tunnel import Tunnel
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, ICMPv6ND_NS, IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from .tunnels import GRE, KEYED, VXLAN

INNER = ip_frame()


def to_host(*layers, dst=UNDERLAY_MAC):
    """A packet of the underlay to the host itself."""
    packet = Ether(dst=dst, src=NEXT_HOP_MAC)
    for layer in layers:
        packet = packet / layer
    return bytes(packet)


def host_traffic():
    ip4, ip6 = IP(src=REMOTE[4], dst=LOCAL[4]), IPv6(src=REMOTE[6], dst=LOCAL[6])
    yield to_host(ARP(op=1, psrc="192.0.2.254", pdst=LOCAL[4]), dst="ff:ff:ff:ff:ff:ff")
    yield to_host(ip4, ICMP(), Raw(b"ping"))
    yield to_host(ip4, ICMP(type=3, code=4, nexthopmtu=1400), VXLAN[4].incoming(b"")[IP])
    yield to_host(ip4, TCP(dport=22, flags="S"))
    yield to_host(ip4, TCP(dport=4789, flags="S"))
    yield to_host(ip4, UDP(sport=4789, dport=53), Raw(b"query"))
    yield to_host(ip6, ICMPv6EchoRequest(data=b"ping"))
    yield to_host(IPv6(src="fe80::1", dst="ff02::1:ff00:1"), ICMPv6ND_NS(tgt=LOCAL[6]))
    yield to_host(ip6, TCP(dport=179))
    yield other_frame(0x88CC, dst="01:80:c2:00:00:0e")
    # The kernel's own tunnels on another UDP port, and tunnel types that are not configured.
    yield to_host(ip4, UDP(dport=8472), Raw(b"\x08" + bytes(7) + INNER))
    yield to_host(ip4, UDP(dport=6081), Raw(bytes(8) + INNER))
    yield to_host(ip4, UDP(dport=4790), Raw(bytes(8) + INNER))
    yield to_host(ip4, UDP(dport=6080), Raw(INNER))
    yield to_host(IP(src=REMOTE[4], dst=LOCAL[4], proto=4), IP(dst="10.0.0.1"), ICMP())
    yield to_host(IP(src=REMOTE[4], dst=LOCAL[4], proto=41), IPv6(dst="fd00::1"), Raw(b"x" * 8))
    yield to_host(IP(src=REMOTE[4], dst=LOCAL[4], proto=50), Raw(bytes(40)))


def tunnel_packets_for_others(tunnel):
    """Tunnel packets that lack one thing to be ours."""
    good = tunnel.incoming(INNER)
    yield Ether(dst=HOST_A, src=NEXT_HOP_MAC) / good.payload
    yield Ether(dst="ff:ff:ff:ff:ff:ff", src=NEXT_HOP_MAC) / good.payload
    yield Ether(dst=ACCESS_MAC, src=NEXT_HOP_MAC) / good.payload
    yield Tunnel(tunnel.type, 4, tunnel.id, local="192.0.2.2").incoming(INNER)
    yield Tunnel(tunnel.type, 4, tunnel.id, local="192.0.2.255").incoming(INNER)
    yield Tunnel(tunnel.type, 6, tunnel.id).incoming(INNER)
    yield tagged(bytes(good), 0)
    yield tagged(bytes(good), 7)
    yield tagged(bytes(good), 7, tpid=0x88A8)


def underlay():
    for name, tunnel in (("vxlan", VXLAN[4]), ("gre", KEYED[4])):
        case = Case(f"underlay-17p-host-traffic-to-kernel-beside-{name}", [Wire(tunnel)])
        for frame in host_traffic():
            case.frame("underlay", frame).to_kernel()
        # Not even a bad checksum or length is looked at where it is not ours.
        broken = to_host(IP(src=REMOTE[4], dst=LOCAL[4], chksum=1, len=9), UDP(dport=53))
        case.frame("underlay", broken).to_kernel()
        yield case
        case = Case(f"underlay-9p-{name}-for-others-to-kernel", [Wire(tunnel)])
        for packet in tunnel_packets_for_others(tunnel):
            case.frame("underlay", packet).to_kernel()
        yield case


def type_confusion():
    """The type is part of what is ours: an address with VXLAN on it takes no GRE, and so on."""
    vxlan = Wire(Tunnel(id=77, local="192.0.2.11"), vlan=1)
    gre = Wire(Tunnel("gre", id=77, local="192.0.2.12"), lan="b", name="b-tun", vlan=2)
    case = Case("underlay-2x2-types-and-addresses-only-the-diagonal-delivers", [vxlan, gre])
    for wire in (vxlan, gre):
        for local in ("192.0.2.11", "192.0.2.12"):
            packet = Tunnel(wire.tunnel.type, id=77, local=local).incoming(INNER)
            if local == wire.tunnel.local:
                case.decaps(packet, tagged(INNER, wire.vlan), wire)
            else:
                case.frame("underlay", packet).to_kernel()
    return case


def own_udp_port():
    """A tunnel on another UDP port leaves 4789 to the kernel, and the other way round."""
    other = Tunnel(udp_port=8472)
    case = Case("underlay-2p-vxlan-on-8472-leaves-4789-to-kernel", [Wire(other)])
    case.decaps(other.incoming(INNER), INNER)
    case.frame("underlay", VXLAN[4].incoming(INNER)).to_kernel()
    return case


def access_tags():
    """Only exact tag sets are taken from an access port."""
    case = Case("access-unclaimed-tags-to-kernel-beside-vlan", [Wire(VXLAN[4], vlan=100)])
    for frame in (
        INNER,
        arp_frame(),
        tagged(INNER, 0),
        tagged(INNER, 99),
        tagged(INNER, 101),
        tagged(INNER, 4095),
        tagged(INNER, 100, tpid=0x88A8),
        tagged(INNER, 100, 200),
        tagged(INNER, 100, 100),
        tagged(INNER, 200, 100),
        tagged(INNER, 0, 100),
        tagged(INNER, 100, 200, 300),
    ):
        case.frame("access", frame).to_kernel()
    case.encaps(INNER, arrives=tagged(INNER, 100))
    yield case
    case = Case("access-tagged-to-kernel-beside-untagged", [Wire(VXLAN[4])])
    for frame in (
        tagged(INNER, 1),
        tagged(INNER, 100),
        tagged(INNER, 0, 100),
        tagged(INNER, 0, 0),
        tagged(INNER, 0, tpid=0x88A8),
    ):
        case.frame("access", frame).to_kernel()
    case.encaps(INNER)
    yield case
    wires = [Wire(VXLAN[4]), Wire(GRE[4], lan="lan2", name="tun2", vlan=5)]
    case = Case("access-untagged-and-vlan-side-by-side", wires)
    case.encaps(INNER, wires[0])
    case.encaps(INNER, wires[1], arrives=tagged(INNER, 5))
    case.encaps(INNER, wires[0], arrives=tagged(INNER, 0))
    case.frame("access", tagged(INNER, 6)).to_kernel()
    yield case


def nothing_is_decapsulated_on_an_access_port():
    """A tenant's own tunnel packet, even with the gateway's addresses, is a frame like any other."""
    case = Case("access-tunnel-packets-are-tenant-frames", [Wire(VXLAN[4])], wild=True)
    for tunnel in (VXLAN[4], GRE[4]):
        aimed = bytes(Ether(dst=ACCESS_MAC, src=HOST_A) / tunnel.incoming(INNER).payload)
        case.encaps(aimed)
    return case


def blocked():
    """`block` comes before all else, on every port, for every kind of packet."""
    wires = [Wire(VXLAN[4]), Wire(GRE[6], lan="lan2", name="tun2", vlan=5)]
    case = Case("blocked-sources-are-dropped-before-anything-else", wires)
    case.gateway["block"] = ["198.51.100.0/28", "2001:db8:7::/48", "10.9.0.0/16"]
    for packet in (
        VXLAN[4].incoming(INNER),
        VXLAN[4].incoming(INNER, chksum=1),
        VXLAN[4].incoming(INNER, src="198.51.100.0"),
        VXLAN[4].incoming(INNER, src="198.51.100.15"),
        to_host(IP(src=REMOTE[4], dst=LOCAL[4]), TCP(dport=22)),
        to_host(IP(src=REMOTE[4], dst="203.0.113.1"), ICMP(), dst=HOST_A),
        tagged(to_host(IP(src=REMOTE[4], dst=LOCAL[4]), ICMP()), 7),
        GRE[6].incoming(INNER),
        to_host(IPv6(src=REMOTE[6], dst=LOCAL[6]), ICMPv6EchoRequest()),
    ):
        case.frame("underlay", packet).drops("blocked_source")
    case.frame("access", ip_frame(src="10.9.255.255")).drops("blocked_source")
    # Just outside the prefixes.
    outside = VXLAN[4].incoming(INNER, src="198.51.100.16")
    case.frame("underlay", outside).drops("peer_not_allowed")
    case.encaps(ip_frame(src="10.10.0.0"))
    # A blocked source inside a tunnel is the tenant's business, and ARP has no IP source.
    inside = ip_frame(src="10.9.0.1")
    other = Wire(Tunnel(id=9, remote="198.51.100.99"), lan="c", name="c-tun", vlan=9)
    case.wires.append(other)
    case.decaps(other.tunnel.incoming(inside), tagged(inside, 9), other)
    case.encaps(arp_frame())
    return case


def short_frames():
    """Frames too short to show what they are belong to nobody here."""
    case = Case("underlay-frames-too-short-to-be-ours-to-kernel", [Wire(VXLAN[4])])
    good = bytes(VXLAN[4].incoming(INNER))
    # Up to the UDP destination port.
    for count in (*range(1, 14), 14, 20, 33, 34, 37):
        case.frame("underlay", good[:count]).to_kernel()
    case.frame("access", padded(ether(type=0x88B5).build())[:13]).to_kernel()
    return case


def cases():
    yield from underlay()
    yield type_confusion()
    yield own_udp_port()
    yield from access_tags()
    yield nothing_is_decapsulated_on_an_access_port()
    yield blocked()
    yield short_frames()
