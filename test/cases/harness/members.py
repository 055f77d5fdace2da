"""Members of tenants, and the cross-connects that join two of them."""

from dataclasses import dataclass
from typing import Optional

from .tunnel import Tunnel


@dataclass(frozen=True)
class Attachment:
    """`vlan` as in a tunnel file."""

    name: str = "lan"
    port: str = "access"
    vlan: object = None
    keep_tag: Optional[bool] = None
    pcp: object = None
    mtu: Optional[int] = None

    def config(self):
        keys = {"name": self.name, "port": self.port, "vlan": self.vlan, "keepTag": self.keep_tag}
        keys |= {"pcp": self.pcp, "mtu": self.mtu}
        return {key: value for key, value in keys.items() if value is not None}


@dataclass(frozen=True)
class Link:
    """Any two members, cross-connected: attachments or tunnels."""

    a: object
    b: object
    tenant: str = "acme"

    @property
    def names(self):
        return (self.a.name, self.b.name)

    def attachments(self):
        return [m.config() for m in (self.a, self.b) if isinstance(m, Attachment)]

    def tunnels(self):
        return [m.config(m.name) for m in (self.a, self.b) if isinstance(m, Tunnel)]

    def ends(self, source):
        """Tenant, and the names of the members that receive and send a frame from `source`."""
        other = self.b if source is self.a else self.a
        return (self.tenant, source.name, other.name)


@dataclass(frozen=True)
class Wire:
    """An attachment and a tunnel, cross-connected, of one tenant."""

    tunnel: Tunnel
    tenant: str = "acme"
    lan: str = "lan"
    name: str = "tun"
    port: str = "access"
    vlan: object = None
    pcp: object = None
    mtu: Optional[int] = None
    keep_tag: Optional[bool] = None

    @property
    def names(self):
        return (self.lan, self.name)

    def attachments(self):
        attachment = Attachment(self.lan, self.port, self.vlan, self.keep_tag, self.pcp, self.mtu)
        return [attachment.config()]

    def tunnels(self):
        return [self.tunnel.config(self.name)]

    def inwards(self):
        """Tenant, and the members that receive and send a frame on its way into the tunnel."""
        return (self.tenant, self.lan, self.name)

    def outwards(self):
        return (self.tenant, self.name, self.lan)


@dataclass(frozen=True)
class Unused:
    """A member in no service."""

    member: object
    tenant: str = "acme"

    @property
    def names(self):
        return (self.member.name,)

    def attachments(self):
        return [self.member.config()] if isinstance(self.member, Attachment) else []

    def tunnels(self):
        return [self.member.config(self.member.name)] if isinstance(self.member, Tunnel) else []
