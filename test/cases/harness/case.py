"""A case: configuration, frames in, and what must come of each."""

from dataclasses import dataclass, field
from typing import Optional

from .frames import NEXT_HOP_MAC
from .tunnel import Plain, Tunnel

START_NS = 1_700_000_000_000_000_000
STEP_NS = 1_000_000


def default_gateway():
    return {
        "ports": [
            {"name": "underlay", "addresses": ["192.0.2.1/24", "2001:db8::1/64"]},
            {"name": "access"},
        ],
        "tunnelFiles": ["tunnels.json"],
        "routes": [
            {"prefix": "198.51.100.0/24", "via": "192.0.2.254", "port": "underlay"},
            {"prefix": "2001:db8:7::/64", "via": "2001:db8::fe", "port": "underlay"},
        ],
        "neighbors": [
            {"address": "192.0.2.254", "mac": NEXT_HOP_MAC, "port": "underlay"},
            {"address": "2001:db8::fe", "mac": NEXT_HOP_MAC, "port": "underlay"},
        ],
    }


@dataclass(frozen=True)
class Wire:
    """An attachment and a tunnel, cross-connected, of one tenant."""

    tunnel: Tunnel
    tenant: str = "acme"
    lan: str = "lan"
    name: str = "tun"
    port: str = "access"
    vlan: Optional[int] = None
    pcp: Optional[int] = None
    mtu: Optional[int] = None

    def attachment(self):
        keys = {"name": self.lan, "port": self.port, "vlan": self.vlan}
        keys |= {"pcp": self.pcp, "mtu": self.mtu}
        return {key: value for key, value in keys.items() if value is not None}


@dataclass
class Step:
    """One frame in, and its fate: `sent`, `kernel`, `dropped`, or `unsent` (either of the last two)."""

    port: str
    frame: bytes
    time_ns: int
    fate: str = ""
    out_port: str = ""
    out: object = None
    reason: str = ""
    # The wire whose member received it, and the bytes counted for that member.
    wire: Optional[Wire] = None
    counted: int = 0

    def sends(self, port, out, wire, counted):
        self.fate, self.out_port, self.out = "sent", port, out
        self.wire, self.counted = wire, counted

    def to_kernel(self):
        self.fate = "kernel"

    def drops(self, reason, wire=None, counted=0):
        """`wire`, with the bytes of the tenant's frame, where it was matched before it was dropped."""
        self.fate, self.reason = "dropped", reason
        self.wire, self.counted = wire, counted

    def is_not_sent(self):
        self.fate = "unsent"


@dataclass
class Case:
    """`wild`: outputs may hold frames that a dissector calls malformed. `distinct_flows`: entropy
    values that the named flows must have at least."""

    name: str
    wires: list
    gateway: dict = field(default_factory=default_gateway)
    seed: Optional[int] = None
    wild: bool = False
    distinct_flows: int = 0
    steps: list = field(default_factory=list)

    def frame(self, port, frame, time_ns=None):
        """Takes a frame in, by default one millisecond after the one before."""
        if time_ns is None:
            time_ns = START_NS + STEP_NS * len(self.steps)
        step = Step(port, bytes(frame), time_ns)
        self.steps.append(step)
        return step

    def encaps(self, inner, wire=None, ecn=0, flow=None, arrives=None):
        """The tenant's frame leaves through the tunnel. `arrives`: how it looks on the port."""
        wire = wire or self.wires[0]
        step = self.frame(wire.port, inner if arrives is None else arrives)
        step.sends("underlay", wire.tunnel.encap(inner, ecn, flow), wire, len(inner))

    def decaps(self, packet, frame, wire=None, counted=None):
        """The tunnel packet leaves by the attachment as `frame`, tag and padding included."""
        wire = wire or self.wires[0]
        if counted is None:
            counted = len(frame) - (4 if wire.vlan else 0)
        self.frame("underlay", packet).sends(wire.port, Plain(bytes(frame)), wire, counted)

    def tunnel_files(self):
        tenants = {}
        for wire in self.wires:
            tenant = tenants.setdefault(
                wire.tenant,
                {"tenant": wire.tenant, "attachments": [], "tunnels": [], "crossConnects": []},
            )
            tenant["attachments"].append(wire.attachment())
            tenant["tunnels"].append(wire.tunnel.config(wire.name))
            tenant["crossConnects"].append({"between": [wire.lan, wire.name]})
        return {"tenants": list(tenants.values())}
