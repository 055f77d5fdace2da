"""Prints hostile packets, made by scapy, for a gateway's underlay port: a line each, NAME=HEX.

usage: hostile.py SOURCE_MAC DESTINATION_MAC

Addresses are those of the lab's sites; the tunnels are those of hostile.test.ts.
"""

import sys

from scapy.all import (  # pylint: disable=no-name-in-module
    GRE, ICMP, IP, UDP, Dot1Q, Ether, IPOption_Router_Alert, IPv6, IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop, PadN, Raw)
from scapy.layers.vxlan import VXLAN

GATEWAY, GATEWAY6 = "192.0.2.1", "2001:db8:1::1"
PEER, PEER6 = "198.51.100.7", "2001:db8:2::7"
INNER_ETHERNET = Ether(src="02:00:00:00:aa:01", dst="02:00:00:00:aa:02")
TENANT_FRAME = INNER_ETHERNET / IP() / ICMP() / Raw(b"x" * 64)
TAGGED_FRAME = INNER_ETHERNET / Dot1Q(vlan=7) / IP() / ICMP()


def vxlan(inner=TENANT_FRAME, vni=5001, flags=0x08):
    return VXLAN(flags=flags, vni=vni) / inner


def over_udp4(payload, udp=None, **ip):
    return IP(**{"src": PEER, "dst": GATEWAY, **ip}) / UDP(**{
        "sport": 50000, "dport": 4789, "chksum": 0, **(udp or {})}) / payload


def over_udp6(payload, extension=None, **udp):
    header = IPv6(src=PEER6, dst=GATEWAY6)
    if extension is not None:
        header = header / extension
    return header / UDP(**{"sport": 50000, "dport": 4789, **udp}) / payload


def gre(header, inner=TENANT_FRAME, **ip):
    return IP(**{"src": PEER, "dst": GATEWAY, **ip}) / header / inner


def keyed(**fields):
    return GRE(**{"proto": 0x6558, "key_present": 1, "key": 7001, **fields})


PACKETS = {
    "vxlan without the I flag": lambda: over_udp4(vxlan(flags=0)),
    "vxlan of an unknown VNI": lambda: over_udp4(vxlan(vni=5002)),
    "vxlan from a stranger": lambda: over_udp4(vxlan(), src="198.51.100.99"),
    "vxlan from the gateway's own address": lambda: over_udp4(vxlan(), src=GATEWAY),
    "vxlan from a multicast address": lambda: over_udp4(vxlan(), src="224.0.0.7"),
    "vxlan with a wrong UDP checksum": lambda: over_udp4(vxlan(), {"chksum": 0x1234}),
    "vxlan with a wrong IP checksum": lambda: over_udp4(vxlan(), chksum=0x1234),
    "vxlan with a UDP length past the packet": lambda: over_udp4(vxlan(), {"len": 1400}),
    "vxlan with a UDP length below 8": lambda: over_udp4(vxlan(), {"len": 7}),
    "vxlan as a first fragment": lambda: over_udp4(vxlan(), flags="MF"),
    "vxlan with IP options": lambda: over_udp4(vxlan(), options=[IPOption_Router_Alert()]),
    "vxlan with a cut inner header": lambda: over_udp4(vxlan(Raw(b"\x02" * 10))),
    "vxlan with a tagged inner frame": lambda: over_udp4(vxlan(TAGGED_FRAME)),
    "vxlan over IPv6 without a checksum": lambda: over_udp6(vxlan(vni=6001), chksum=0),
    "vxlan over IPv6 with a wrong checksum": lambda: over_udp6(vxlan(vni=6001), chksum=0x1234),
    "vxlan over IPv6 as a first fragment": lambda: over_udp6(
        vxlan(vni=6001), IPv6ExtHdrFragment(m=1, id=9)),
    "vxlan over IPv6 as an atomic fragment": lambda: over_udp6(
        vxlan(vni=6001), IPv6ExtHdrFragment(m=0, id=9)),
    "vxlan over IPv6 behind hop-by-hop options": lambda: over_udp6(
        vxlan(vni=6001), IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])),
    "gre of version 1": lambda: gre(keyed(version=1)),
    "gre with the routing bit": lambda: gre(keyed(routing_present=1)),
    "gre with an unknown key": lambda: gre(keyed(key=7002)),
    "gre with an IPv4 payload": lambda: gre(keyed(proto=0x0800), IP() / ICMP()),
    "gre with a wrong checksum": lambda: gre(keyed(chksum_present=1, chksum=0x1234)),
    "gre as a first fragment": lambda: gre(keyed(), flags="MF"),
    "gre from a stranger": lambda: gre(keyed(), src="198.51.100.99"),
    "anything from a blocked source": lambda: IP(src="198.18.66.5", dst=GATEWAY) / ICMP(),
}


def main(source, destination):
    for name, make in PACKETS.items():
        packet = Ether(src=source, dst=destination) / make()
        print(f"{name}={bytes(packet).hex()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
