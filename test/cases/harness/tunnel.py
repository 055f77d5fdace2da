"""A tunnel as configured, and its packets as scapy makes them."""

from dataclasses import dataclass, replace
from typing import Optional

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from .frames import L4_OFFSET, LOCAL, NEXT_HOP_MAC, REMOTE, UNDERLAY_MAC

# RFC 7348 §5 and the default of `sourcePorts`.
SOURCE_PORTS = range(49152, 65536)


@dataclass(frozen=True)
class Tunnel:
    """`id` is the VNI, or the GRE key or None. What is None takes the documented default."""

    type: str = "vxlan"
    family: int = 4
    id: Optional[int] = 5001
    local: Optional[str] = None
    remote: Optional[str] = None
    udp_port: Optional[int] = None
    udp_checksum: Optional[bool] = None
    ttl: Optional[int] = None
    dscp: Optional[int] = None
    df: Optional[str] = None
    # MAC addresses of the packets that go out: next hop and port.
    next_hop_mac: str = NEXT_HOP_MAC
    port_mac: str = UNDERLAY_MAC

    @property
    def local_address(self):
        return self.local or LOCAL[self.family]

    @property
    def remote_address(self):
        return self.remote or REMOTE[self.family]

    def with_id(self, identifier):
        return replace(self, id=identifier)

    def config(self, name):
        """The tunnel's JSON; keys left to their defaults are left out."""
        keys = {
            "name": name,
            "type": self.type,
            "local": self.local_address,
            "remote": self.remote_address,
            "vni" if self.type == "vxlan" else "key": self.id,
            "udpPort": self.udp_port,
            "udpChecksum": self.udp_checksum,
            "ttl": self.ttl,
            "dscp": self.dscp,
            "df": self.df,
        }
        return {key: value for key, value in keys.items() if value is not None}

    def header(self, sport, checksum):
        """The layers between outer IP and inner frame."""
        if self.type == "gre":
            if self.id is None:
                return GRE(proto=0x6558)
            return GRE(proto=0x6558, key_present=1, key=self.id)
        udp = UDP(sport=sport, dport=self.udp_port or 4789, chksum=None if checksum else 0)
        return udp / VXLAN(flags="Instance", vni=self.id)

    def incoming(self, inner, ecn=0, dscp=0, src=None, checksum=None, sport=50000, **ip):
        """A packet of the peer, to be changed at will before it is turned into bytes."""
        if checksum is None:
            checksum = self.family == 6
        source = src or self.remote_address
        if self.family == 4:
            outer = IP(src=source, dst=self.local_address, tos=dscp << 2 | ecn, id=1, **ip)
        else:
            outer = IPv6(src=source, dst=self.local_address, tc=dscp << 2 | ecn, **ip)
        mac = Ether(dst=self.port_mac, src=self.next_hop_mac)
        return mac / outer / self.header(sport, checksum) / Raw(inner)

    def outgoing(self, inner, ecn, sport, label, ident):
        """The very bytes that leave for the peer, given what the gateway may choose."""
        ttl = self.ttl or 64
        traffic_class = (self.dscp or 0) << 2 | ecn
        checksum = self.udp_checksum if self.udp_checksum is not None else self.family == 6
        ends = {"src": self.local_address, "dst": self.remote_address}
        if self.family == 4:
            flags = 0 if self.df == "clear" else "DF"
            outer = IP(tos=traffic_class, ttl=ttl, id=ident, flags=flags, **ends)
        else:
            outer = IPv6(tc=traffic_class, hlim=ttl, fl=label, **ends)
        mac = Ether(dst=self.next_hop_mac, src=self.port_mac)
        return bytes(mac / outer / self.header(sport, checksum) / Raw(inner))

    def encap(self, inner, ecn=0, flow=None):
        """The expectation that `inner` leaves through this tunnel."""
        return Encapsulated(self, bytes(inner), ecn, flow)


@dataclass(frozen=True)
class Encapsulated:
    """A tunnel packet to be sent. `flow` names its flow: one name, one entropy value."""

    tunnel: Tunnel
    inner: bytes
    ecn: int
    flow: Optional[str]

    def choices(self, actual):
        """What the gateway chose: UDP source port, IPv6 flow label, IPv4 identification."""
        l4 = L4_OFFSET[self.tunnel.family]
        word = lambda at: int.from_bytes(actual[at : at + 2], "big")
        sport = word(l4) if self.tunnel.type == "vxlan" else None
        label = word(16) | (actual[15] & 0x0F) << 16 if self.tunnel.family == 6 else None
        ident = word(18) if self.tunnel.family == 4 else None
        return sport, label, ident

    def expected(self, actual):
        sport, label, ident = self.choices(actual)
        return self.tunnel.outgoing(self.inner, self.ecn, sport, label, ident)

    def faults(self, actual):
        sport, _, _ = self.choices(actual)
        if sport is not None and sport not in SOURCE_PORTS:
            yield f"UDP source port {sport} is outside 49152-65535"


@dataclass(frozen=True)
class Plain:
    """A frame to be sent exactly as given."""

    frame: bytes

    def expected(self, _actual):
        return self.frame

    def faults(self, _actual):
        return ()
