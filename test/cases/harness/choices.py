"""What is expected to be sent: a frame as given, or a tunnel packet with some free choices in it."""

from dataclasses import dataclass, field, replace
from typing import Optional

from .frames import padded


@dataclass(frozen=True)
class Choices:
    """What the gateway chose: UDP source port, IPv6 flow label, IPv4 identification, NVGRE FlowID."""

    sport: Optional[int]
    label: Optional[int]
    ident: Optional[int]
    flow_id: Optional[int]

    @property
    def entropy(self):
        """The part that follows the flow."""
        return (self.sport or 0, self.label or 0, self.flow_id or 0)

    def with_ident(self, ident):
        return replace(self, ident=ident)


@dataclass(frozen=True)
class Encapsulated:
    """A tunnel packet to be sent. `flow` names its flow: one name, one entropy value. `outer` says
    what is inherited, and the sequence number."""

    tunnel: object
    inner: bytes
    ecn: int
    flow: Optional[str]
    outer: dict = field(default_factory=dict)

    def choices(self, actual):
        return self.tunnel.choices(actual)

    def made(self, chosen):
        return padded(self.tunnel.outgoing(self.inner, self.ecn, chosen, **self.outer))

    def expected(self, actual):
        return self.made(self.choices(actual))

    @property
    def may_be_fragmented(self):
        df = self.outer.get("df", self.tunnel.df != "clear")
        return self.tunnel.family == 4 and not df

    def faults(self, actual):
        sport = self.choices(actual).sport
        if sport is not None and sport not in self.tunnel.ports:
            first, last = self.tunnel.ports[0], self.tunnel.ports[-1]
            yield f"UDP source port {sport} is outside {first}-{last}"


@dataclass(frozen=True)
class Plain:
    """A frame to be sent exactly as given."""

    frame: bytes

    def expected(self, _actual):
        return self.frame

    def faults(self, _actual):
        return ()
