"""A case: configuration, frames in, and what must come of each."""

from dataclasses import dataclass, field
from typing import Optional

from .choices import Plain
from .frames import NEXT_HOP_MAC
from .members import Attachment, Link, Unused, Wire

__all__ = ["START_NS", "Attachment", "Case", "Link", "Step", "Unused", "Wire", "default_gateway"]

START_NS = 1_700_000_000_000_000_000
STEP_NS = 1_000_000
# Bytes of the tags that an attachment with this many pushes.
TAG_BYTES = 4


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


@dataclass
class Step:
    """One frame in, and its fate: `sent`, `kernel`, `dropped`, `unsent` (either of the last two),
    `consumed` by the gateway itself, `answered`: consumed, and a frame of its own sent, `relayed`: the
    same about a frame that no member received, or `told`: dropped, and a frame of the gateway's own
    sent about it."""

    port: str
    frame: bytes
    time_ns: int
    fate: str = ""
    out_port: str = ""
    out: object = None
    reason: str = ""
    # Tenant, and names of the members that received it and that sends it; and the bytes counted.
    ends: Optional[tuple] = None
    counted: int = 0
    # Bytes that the member which sends counts, where they are others.
    counted_out: Optional[int] = None
    # Frames that are sent behind `out`, which the gateway made: what is expected, and bytes counted.
    more: list = field(default_factory=list)

    @property
    def is_sent(self):
        return self.fate in ("sent", "answered", "relayed", "told")

    @property
    def is_dropped(self):
        return self.fate in ("dropped", "told")

    @property
    def outs(self):
        return [self.out, *(out for out, _ in self.more)]

    def sends(self, port, out, wire, counted, ends=None, counted_out=None):
        self.fate, self.out_port, self.out = "sent", port, out
        self.ends, self.counted = ends or self.ends_of(wire), counted
        self.counted_out = counted_out

    def is_consumed(self, ends, counted):
        self.fate, self.ends, self.counted = "consumed", ends, counted

    def is_answered(self, out, ends, counted, counted_out):
        """By the frame `out` on the same port. `ends`: the member that received it twice."""
        self.sends(self.port, out, None, counted, ends, counted_out)
        self.fate = "answered"

    def tells(self, port, out, ends, counted, counted_out, reason="too_big"):
        """Dropped, and its sender told by `out`. `ends`: the member that received it twice."""
        self.sends(port, out, None, counted, ends, counted_out)
        self.fate, self.reason = "told", reason

    def relays(self, port, out, ends, counted_out):
        """Consumed, and what it says told on by `out`. `ends`: tenant, and the member that sends it
        twice; none received it."""
        self.sends(port, out, None, 0, ends, counted_out)
        self.fate = "relayed"

    def to_kernel(self):
        self.fate = "kernel"

    def drops(self, reason, wire=None, counted=0, ends=None):
        """`wire`, or `ends`, with the bytes of the tenant's frame, where it was matched before it
        was dropped."""
        self.fate, self.reason = "dropped", reason
        self.ends, self.counted = ends or (wire and self.ends_of(wire)), counted

    def is_not_sent(self):
        self.fate = "unsent"

    def ends_of(self, wire):
        return wire.inwards() if self.port == wire.port else wire.outwards()


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
    # Keys of tenants beside members and services, by name.
    tenant_keys: dict = field(default_factory=dict)

    def frame(self, port, frame, time_ns=None):
        """Takes a frame in, by default one millisecond after the one before."""
        if time_ns is None:
            time_ns = START_NS + STEP_NS * len(self.steps)
        step = Step(port, bytes(frame), time_ns)
        self.steps.append(step)
        return step

    def encaps(self, inner, wire=None, ecn=0, flow=None, arrives=None, **outer):
        """The tenant's frame leaves through the tunnel. `arrives`: how it looks on the port;
        `outer`: what the outer header inherits."""
        wire = wire or self.wires[0]
        step = self.frame(wire.port, inner if arrives is None else arrives)
        out = wire.tunnel.encap(inner, ecn, flow, **outer)
        step.sends("underlay", out, None, len(inner), wire.inwards())

    def decaps(self, packet, frame, wire=None, counted=None):
        """The tunnel packet leaves by the attachment as `frame`, tag and padding included."""
        wire = wire or self.wires[0]
        if counted is None:
            counted = len(frame) - (TAG_BYTES if isinstance(wire.vlan, int) else 0)
        step = self.frame("underlay", packet)
        step.sends(wire.port, Plain(bytes(frame)), None, counted, wire.outwards())

    def crosses(self, link, source, arrives, leaves, counted):
        """From one member of a `Link` to the other. `leaves`: the frame on the other's port, or what
        its tunnel makes of it; `counted`: bytes of the tenant's frame."""
        other = link.b if source is link.a else link.a
        step = self.frame(port_of(source), arrives)
        out = Plain(bytes(leaves)) if isinstance(other, Attachment) else leaves
        step.sends(port_of(other), out, None, counted, link.ends(source))

    def refuses(self, link, source, arrives, reason, counted):
        """Received by a member of a `Link` and dropped."""
        step = self.frame(port_of(source), arrives)
        step.drops(reason, counted=counted, ends=link.ends(source))

    def tunnel_files(self):
        tenants = {}
        for wire in self.wires:
            tenant = tenants.setdefault(
                wire.tenant,
                {"tenant": wire.tenant, "attachments": [], "tunnels": [], "crossConnects": []}
                | self.tenant_keys.get(wire.tenant, {}),
            )
            tenant["attachments"] += wire.attachments()
            tenant["tunnels"] += wire.tunnels()
            if len(wire.names) == 2:
                tenant["crossConnects"].append({"between": list(wire.names)})
        return {"tenants": list(tenants.values())}


def port_of(member):
    """The port on which a member's frames or packets arrive and leave here."""
    return member.port if isinstance(member, Attachment) else "underlay"
