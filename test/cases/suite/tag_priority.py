"""PCP of pushed tags: fixed, or inherited from the tag popped or from the inner DSCP."""

from harness.case import Attachment, Case, Link, Wire, default_gateway
from harness.frames import arp_frame, ip_frame, stacked
from harness.tunnel import Tunnel

from .tunnels import NVGRE, VXLAN

INNER = ip_frame()
C, S = 0x8100, 0x88A8
SETS = {
    "single": (20, ((C, 20),)),
    "double": ({"outer": 20, "inner": 30}, ((S, 20), (C, 30))),
    "double-c": ({"outer": 20, "inner": 30, "outerTpid": "0x8100"}, ((C, 20), (C, 30))),
    "outer": ({"outer": 20, "inner": "any"}, ((S, 20),)),
}


def with_priority(tags, pcp):
    return tuple((*tag, pcp) for tag in tags)


def two_ports():
    gateway = default_gateway()
    gateway["ports"].append({"name": "far"})
    return gateway


def fixed():
    """0 where it is not given; what was popped does not matter."""
    for name, (vlan, tags) in SETS.items():
        for pcp in (None, 0, 1, 4, 7):
            wire = Wire(VXLAN[4], vlan=vlan, pcp=pcp)
            case = Case(f"underlay-vxlan-pcp-{pcp}-{name}", [wire])
            for dscp in (0, 46):
                frame = ip_frame(dscp=dscp)
                leaves = stacked(frame, *with_priority(tags, pcp or 0))
                case.decaps(wire.tunnel.incoming(frame), leaves, counted=len(frame))
                case.encaps(frame, arrives=stacked(frame, *tags, pcp=3, dei=1))
            yield case
        lan = Attachment("lan", "access", 10)
        far = Attachment("far", "far", vlan, pcp=2)
        link = Link(lan, far)
        case = Case(f"access-to-far-fixed-pcp-{name}", [link], two_ports())
        for pcp in range(8):
            leaves = stacked(INNER, *with_priority(tags, 2))
            case.crosses(link, lan, stacked(INNER, (C, 10, pcp), dei=1), leaves, len(INNER))
        yield case


def inherited_from_the_tag():
    """The outermost tag popped gives the priority of all that is pushed; DEI is not carried over."""
    ways_in = {"single": (10, ((C, 10),)), "double": ({"outer": 10, "inner": 11}, ((S, 10), (C, 11)))}
    ways_in["outer"] = ({"outer": 10, "inner": "any"}, ((S, 10),))
    ways_in["priority"] = (None, ((C, 0),))
    for way, (vlan_in, tags_in) in ways_in.items():
        for name, (vlan, tags) in SETS.items():
            lan = Attachment("lan", "access", vlan_in)
            far = Attachment("far", "far", vlan, pcp="inherit")
            link = Link(lan, far)
            case = Case(f"access-to-far-pcp-inherit-{way}-to-{name}", [link], two_ports())
            for pcp in range(8):
                # The inner tag has another priority, and so has the DSCP.
                arriving = [(*tags_in[0], pcp), *((*tag, 7 - pcp) for tag in tags_in[1:])]
                frame = ip_frame(dscp=(pcp ^ 5) << 3)
                leaves = stacked(frame, *with_priority(tags, pcp))
                case.crosses(link, lan, stacked(frame, *arriving, dei=pcp & 1), leaves, len(frame))
            yield case


def inherited_from_dscp():
    """Without a popped tag the three class bits of the inner DSCP; 0 where the payload is not IP."""
    for name, (vlan, tags) in SETS.items():
        wire = Wire(VXLAN[4], vlan=vlan, pcp="inherit")
        case = Case(f"underlay-vxlan-pcp-inherit-{name}", [wire])
        for family in (4, 6):
            for dscp in (0, 7, 8, 10, 18, 26, 34, 46, 48, 56, 63):
                frame = ip_frame(family, dscp=dscp, ecn=2)
                leaves = stacked(frame, *with_priority(tags, dscp >> 3))
                case.decaps(wire.tunnel.incoming(frame, dscp=63 - dscp), leaves, counted=len(frame))
        leaves = stacked(arp_frame(), *with_priority(tags, 0))
        padding = bytes(max(0, 60 - len(leaves)))
        packet = wire.tunnel.incoming(arp_frame(), dscp=46)
        case.decaps(packet, leaves + padding, counted=len(arp_frame()))
        yield case
    lan = Attachment("lan", "access")
    far = Attachment("far", "far", 20, pcp="inherit")
    link = Link(lan, far)
    case = Case("access-to-far-pcp-inherit-untagged-by-dscp", [link], two_ports())
    for dscp in (0, 8, 46, 63):
        frame = ip_frame(dscp=dscp)
        leaves = stacked(frame, (C, 20, dscp >> 3))
        case.crosses(link, lan, frame, leaves, len(frame))
    case.crosses(link, lan, arp_frame(), stacked(arp_frame(), (C, 20, 0)) + bytes(14), 42)
    yield case


def kept_tags_are_not_popped():
    """A tag that stays on the frame gives no priority: the DSCP behind it does."""
    wire = Wire(Tunnel(inner_tags="keep"), vlan=20, pcp="inherit")
    case = Case("underlay-vxlan-pcp-inherit-dscp-behind-a-kept-tag", [wire])
    for dscp in (0, 26, 46):
        frame = stacked(ip_frame(dscp=dscp), (C, 7, 1))
        leaves = stacked(ip_frame(dscp=dscp), (C, 20, dscp >> 3), (C, 7, 1))
        case.decaps(wire.tunnel.incoming(frame), leaves, counted=len(frame))
    yield case
    lan = Attachment("lan", "access", 10, keep_tag=True)
    far = Attachment("far", "far", 20, pcp="inherit")
    link = Link(lan, far)
    case = Case("access-to-far-pcp-inherit-dscp-behind-a-kept-tag", [link], two_ports())
    for pcp, dscp in ((7, 0), (0, 46), (3, 26)):
        arrives = stacked(ip_frame(dscp=dscp), (C, 10, pcp))
        leaves = stacked(ip_frame(dscp=dscp), (C, 20, dscp >> 3), (C, 10, pcp))
        case.crosses(link, lan, arrives, leaves, len(arrives))
    yield case


def after_dscp_is_copied():
    """What the frame says when it leaves counts."""
    wire = Wire(Tunnel(dscp_decap="copy"), vlan=20, pcp="inherit")
    case = Case("underlay-vxlan-pcp-inherit-after-dscp-copy", [wire])
    for outer, inner in ((46, 0), (0, 46), (26, 26)):
        packet = wire.tunnel.incoming(ip_frame(dscp=inner), dscp=outer)
        case.decaps(packet, stacked(ip_frame(dscp=outer), (C, 20, outer >> 3)), counted=100 + 14)
    yield case


def underlay_tag_is_not_the_tenants():
    """The tag that tunnel packets carry on their port says nothing about the tenant's priority."""
    for tunnel in (Tunnel(port_vlan=7), Tunnel("nvgre", id=NVGRE[4].id, port_vlan=7)):
        wire = Wire(tunnel, vlan=20, pcp="inherit")
        case = Case(f"underlay-in-a-vlan-{tunnel.type}-pcp-inherit-by-dscp", [wire])
        case.gateway["ports"][0]["vlan"] = 7
        for dscp in (0, 26, 46):
            frame = ip_frame(dscp=dscp)
            leaves = stacked(frame, (C, 20, dscp >> 3))
            case.decaps(tunnel.incoming(frame), leaves, counted=len(frame))
        yield case


def cases():
    yield from fixed()
    yield from inherited_from_the_tag()
    yield from inherited_from_dscp()
    yield from kept_tags_are_not_popped()
    yield from after_dscp_is_copied()
    yield from underlay_tag_is_not_the_tenants()
