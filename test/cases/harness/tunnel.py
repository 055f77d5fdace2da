"""A tunnel as configured, and its packets as scapy makes them."""

from dataclasses import dataclass, replace
from typing import Optional

from scapy.contrib.geneve import GENEVE
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from .choices import Choices, Encapsulated
from .frames import LOCAL, NEXT_HOP_MAC, REMOTE, UNDERLAY_MAC

ETHERNET = 0x6558
UDP_PORTS = {"vxlan": 4789, "geneve": 6081}
# RFC 7348 §5 and the default of `sourcePorts`.
SOURCE_PORTS = (49152, 65535)
ID_KEYS = {"vxlan": "vni", "geneve": "vni", "gre": "key", "nvgre": "vsid"}


@dataclass(frozen=True)
class Tunnel:
    """`id` is the VNI, the VSID, or the GRE key (received) or None; `send_key` is the GRE key sent
    where it is another. What is None takes the documented default."""

    type: str = "vxlan"
    family: int = 4
    id: Optional[int] = 5001
    # Its name as a member, where it is not part of a `Wire`.
    name: str = "tun"
    local: Optional[str] = None
    remote: Optional[str] = None
    accept_from: Optional[tuple] = None
    udp_port: Optional[int] = None
    udp_checksum: Optional[bool] = None
    source_ports: Optional[tuple] = None
    reserved: Optional[str] = None
    send_key: Optional[int] = None
    sequence: Optional[bool] = None
    checksum: object = None
    flow_id: object = None
    ttl: object = None
    dscp: object = None
    dscp_decap: Optional[str] = None
    ecn: Optional[str] = None
    df: Optional[str] = None
    flow_label: object = None
    inner_tags: Optional[str] = None
    mtu: Optional[int] = None
    mss_clamp: Optional[bool] = None
    oversize: Optional[str] = None
    path_mtu: Optional[str] = None
    # Of the packets that go out: MAC addresses of next hop and port, and the port's tag.
    next_hop_mac: str = NEXT_HOP_MAC
    port_mac: str = UNDERLAY_MAC
    port_vlan: Optional[int] = None

    @property
    def local_address(self):
        return self.local or LOCAL[self.family]

    @property
    def remote_address(self):
        return self.remote or REMOTE[self.family]

    @property
    def is_udp(self):
        return self.type in UDP_PORTS

    @property
    def ports(self):
        first, last = self.source_ports or SOURCE_PORTS
        return range(first, last + 1)

    @property
    def l4_offset(self):
        """Where the UDP or GRE header starts."""
        ethernet = 14 if self.port_vlan is None else 18
        return ethernet + (20 if self.family == 4 else 40)

    def with_id(self, identifier):
        return replace(self, id=identifier)

    def config(self, name):
        """The tunnel's JSON; keys left to their defaults are left out."""
        identifier = self.id
        if self.send_key is not None:
            identifier = {"send": self.send_key, "receive": self.id}
        keys = {
            "name": name,
            "type": self.type,
            "local": self.local_address,
            "remote": self.remote_address,
            "acceptFrom": self.accept_from,
            ID_KEYS[self.type]: identifier,
            "udpPort": self.udp_port,
            "udpChecksum": self.udp_checksum,
            "sourcePorts": self.source_ports,
            "reserved": self.reserved,
            "sequence": self.sequence,
            "checksum": self.checksum,
            "flowId": self.flow_id,
            "ttl": self.ttl,
            "dscp": self.dscp,
            "dscpDecap": self.dscp_decap,
            "ecn": self.ecn,
            "df": self.df,
            "flowLabel": self.flow_label,
            "innerTags": self.inner_tags,
            "mtu": self.mtu,
            "mssClamp": self.mss_clamp,
            "oversize": self.oversize,
            "pathMtu": self.path_mtu,
        }
        return {key: value for key, value in keys.items() if value is not None}

    def udp_layers(self, sport, checksum, /, **header):
        """UDP and VXLAN or Geneve; `header`: scapy's fields of the latter."""
        port = self.udp_port or UDP_PORTS[self.type]
        udp = UDP(sport=sport, dport=port, chksum=None if checksum else 0)
        if self.type == "geneve":
            fields = {"proto": ETHERNET, "optionlen": 0, "vni": self.id}
            return udp / GENEVE(**(fields | header))
        return udp / VXLAN(**({"flags": "Instance", "vni": self.id} | header))

    def gre_layer(self, key, sequence=None, checksum=False, /, **header):
        fields = {"proto": ETHERNET, "chksum_present": int(bool(checksum))}
        if key is not None:
            fields |= {"key_present": 1, "key": key}
        if sequence is not None:
            fields |= {"seqnum_present": 1, "sequence_number": sequence}
        return GRE(**(fields | header))

    def key(self, flow_id=0):
        """The GRE key of a packet received."""
        return self.id << 8 | flow_id if self.type == "nvgre" else self.id

    def ethernet(self, dst, src, pcp=0):
        mac = Ether(dst=dst, src=src)
        return mac if self.port_vlan is None else mac / Dot1Q(vlan=self.port_vlan, prio=pcp)

    def incoming(
        self,
        inner,
        ecn=0,
        dscp=0,
        src=None,
        checksum=None,
        sport=50000,
        sequence=None,
        gre_checksum=False,
        flow_id=0x5A,
        header=None,
        **ip,
    ):
        """A packet of the peer, to be changed at will before it is turned into bytes. `checksum` is
        that of UDP, `header` overrides scapy's fields of the tunnel header, `ip` those of IP."""
        if checksum is None:
            checksum = self.family == 6
        ends = {"src": src or self.remote_address, "dst": self.local_address}
        if self.family == 4:
            outer = IP(**({"tos": dscp << 2 | ecn, "id": 1} | ends | ip))
        else:
            outer = IPv6(**({"tc": dscp << 2 | ecn} | ends | ip))
        if self.is_udp:
            layers = self.udp_layers(sport, checksum, **(header or {}))
        else:
            layers = self.gre_layer(self.key(flow_id), sequence, gre_checksum, **(header or {}))
        # The priority of the tag means nothing here.
        mac = self.ethernet(self.port_mac, self.next_hop_mac, pcp=6)
        return mac / outer / layers / Raw(inner)

    def outgoing(self, inner, ecn, chosen, ttl=None, dscp=None, df=None, sequence=None):
        """The very bytes that leave for the peer, given what the gateway may choose; `ttl`, `dscp`
        and `df` are what the outer header must have where it is inherited."""
        ttl = self.ttl or 64 if ttl is None else ttl
        dscp = self.dscp or 0 if dscp is None else dscp
        df = self.df != "clear" if df is None else df
        traffic_class = dscp << 2 | ecn
        ends = {"src": self.local_address, "dst": self.remote_address}
        if self.family == 4:
            flags = "DF" if df else 0
            outer = IP(tos=traffic_class, ttl=ttl, id=chosen.ident, flags=flags, **ends)
        else:
            outer = IPv6(tc=traffic_class, hlim=ttl, fl=chosen.label, **ends)
        layers = self.sent_layers(chosen, sequence)
        mac = self.ethernet(self.next_hop_mac, self.port_mac)
        return bytes(mac / outer / layers / Raw(inner))

    def sent_layers(self, chosen, sequence):
        if self.is_udp:
            checksum = self.family == 6 if self.udp_checksum is None else self.udp_checksum
            return self.udp_layers(chosen.sport, checksum)
        if self.type == "nvgre":
            return self.gre_layer(self.id << 8 | chosen.flow_id)
        key = self.id if self.send_key is None else self.send_key
        return self.gre_layer(key, sequence, self.checksum)

    def choices(self, actual):
        """What the gateway chose in a packet that it sent."""
        l4, ip = self.l4_offset, self.l4_offset - (20 if self.family == 4 else 40)
        word = lambda at: int.from_bytes(actual[at : at + 2], "big")
        label, ident, flow_id = self.flow_label, None, self.flow_id
        if self.family == 4:
            ident = word(ip + 4)
        elif not isinstance(label, int):
            label = (word(ip) & 0x000F) << 16 | word(ip + 2)
        if self.type == "nvgre" and not isinstance(flow_id, int):
            flow_id = word(l4 + 6) & 0xFF
        return Choices(word(l4) if self.is_udp else None, label, ident, flow_id)

    def made_up(self, number):
        """Choices that a gateway could make; equal numbers, equal choices."""
        first = self.ports
        flow_id = self.flow_id if isinstance(self.flow_id, int) else number % 256
        label = self.flow_label if isinstance(self.flow_label, int) else number % 0x100000
        return Choices(first[number % len(first)], label, number, flow_id)

    def encap(self, inner, ecn=0, flow=None, **outer):
        """The expectation that `inner` leaves through this tunnel; `outer` as for `outgoing`."""
        return Encapsulated(self, bytes(inner), ecn, flow, outer)
