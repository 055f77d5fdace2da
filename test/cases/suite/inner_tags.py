"""`innerTags`: VLAN tags inside a decapsulated frame are kept, or dropped and counted."""

from dataclasses import replace

from harness.case import Attachment, Case, Link, Wire
from harness.frames import ip_frame, stacked

from .tunnels import GENEVE, KEYED, KINDS, VXLAN

INNER = ip_frame()
C, S = 0x8100, 0x88A8
TAGGED = {
    "c": stacked(INNER, (C, 7, 2)),
    "s": stacked(INNER, (S, 7, 2)),
    "priority": stacked(INNER, (C, 0, 5)),
    "two": stacked(INNER, (S, 7), (C, 8)),
    "three": stacked(INNER, (S, 7), (C, 8), (C, 9)),
}
# Attachment -> the tags that it pushes; whether "auto" keeps tags by it (RFC 7348 §6).
WAYS_OUT = {
    "untagged": ({}, (), False),
    "single": ({"vlan": 100}, ((C, 100),), False),
    "double": ({"vlan": {"outer": 100, "inner": 200}}, ((S, 100), (C, 200)), False),
    "outer": ({"vlan": {"outer": 100, "inner": "any"}}, ((S, 100),), True),
    "any": ({"vlan": "any"}, (), True),
    "kept": ({"vlan": 7, "keep_tag": True}, (), True),
    "kept-outer": ({"vlan": {"outer": 7, "inner": "any"}, "keep_tag": True}, (), True),
}
OWN = {"kept": ("c",), "kept-outer": ("s", "two", "three"), "untagged": ()}


def by_attachment():
    for kind in ("vxlan", "geneve", "gre", "gre-key"):
        for value in (None, "auto", "keep", "drop"):
            for way, (keys, pushed, auto_keeps) in WAYS_OUT.items():
                wire = Wire(replace(KINDS[kind][4], inner_tags=value), **keys)
                case = Case(f"underlay-{kind}-inner-tags-{value or 'default'}-{way}", [wire])
                keeps = auto_keeps if value in (None, "auto") else value == "keep"
                for word, frame in TAGGED.items():
                    step = case.frame("underlay", wire.tunnel.incoming(frame))
                    if not keeps:
                        step.drops("inner_tag", wire, len(frame))
                    elif word not in OWN.get(way, TAGGED):
                        step.drops("tag_mismatch", wire, len(frame))
                    else:
                        case.steps.pop()
                        leaves = stacked(frame, *pushed)
                        case.decaps(wire.tunnel.incoming(frame), leaves, counted=len(frame))
                untagged(case, wire, pushed, way)
                yield case


def untagged(case, wire, pushed, way):
    """A frame without tags passes, except where the attachment's own tags must be on it."""
    packet = wire.tunnel.incoming(INNER)
    if way.startswith("kept"):
        case.frame("underlay", packet).drops("tag_mismatch", wire, len(INNER))
    else:
        case.decaps(packet, stacked(INNER, *pushed), counted=len(INNER))


def between_tunnels():
    """A cross-connect without attachments keeps them, unless it is told not to."""
    for value in (None, "auto", "keep", "drop"):
        west = replace(VXLAN[4], name="west", inner_tags=value)
        east = replace(GENEVE[6], name="east")
        link = Link(west, east)
        case = Case(f"stitch-inner-tags-{value or 'default'}", [link])
        for frame in TAGGED.values():
            if value == "drop":
                case.refuses(link, west, west.incoming(frame), "inner_tag", len(frame))
            else:
                case.crosses(link, west, west.incoming(frame), east.encap(frame), len(frame))
            # The other tunnel has keys of its own.
            case.crosses(link, east, east.incoming(frame), west.encap(frame), len(frame))
        yield case


def inwards():
    """What an attachment leaves on the frame goes into the tunnel, whatever `innerTags` says."""
    for value in ("keep", "drop"):
        tunnel = replace(KEYED[4], inner_tags=value, name="tun")
        lan = Attachment(vlan={"outer": 100, "inner": "any"})
        link = Link(lan, tunnel)
        case = Case(f"access-gre-inner-tags-{value}-inwards", [link])
        for frame in (INNER, *TAGGED.values()):
            arrives = stacked(frame, (S, 100))
            case.crosses(link, lan, arrives, tunnel.encap(frame), len(frame))
        yield case


def cases():
    yield from by_attachment()
    yield from between_tunnels()
    yield from inwards()
