"""Attachment to attachment: VLAN translation between two ports and on one."""

from dataclasses import replace

from harness.case import Attachment, Case, Link, Unused, default_gateway
from harness.frames import arp_frame, ip_frame, other_frame, padded, stacked

from .tunnels import GENEVE, VXLAN

C, S = 0x8100, 0x88A8
# `vlan` at both ends of a translation (other VIDs at the second), and the tags that it matches.
ENDS = {
    "untagged": (None, None, (), ()),
    "1": (10, 20, ((C, 10),), ((C, 20),)),
    "2": (
        {"outer": 10, "inner": 11},
        {"outer": 20, "inner": 21},
        ((S, 10), (C, 11)),
        ((S, 20), (C, 21)),
    ),
    "2c": (
        {"outer": 10, "inner": 11, "outerTpid": "0x8100"},
        {"outer": 20, "inner": 21, "outerTpid": "0x8100"},
        ((C, 10), (C, 11)),
        ((C, 20), (C, 21)),
    ),
    "outer": (
        {"outer": 10, "inner": "any"},
        {"outer": 20, "inner": "any"},
        ((S, 10),),
        ((S, 20),),
    ),
}


def frames():
    yield ip_frame()
    yield ip_frame(6, ecn=3)
    yield arp_frame()
    yield other_frame(dst="01:80:c2:00:00:00")
    yield other_frame(46, count=46)


def two_ports(**far):
    gateway = default_gateway()
    gateway["ports"].append({"name": "far"} | far)
    return gateway


def both_ways(case, link, a_tags, b_tags):
    for frame in frames():
        for source, arriving, leaving in ((link.a, a_tags, b_tags), (link.b, b_tags, a_tags)):
            arrives = stacked(frame, *arriving, pcp=3, dei=1)
            case.crosses(link, source, arrives, padded(stacked(frame, *leaving)), len(frame))


def translations():
    """1:1, 1:2, 2:1, 2:2, and to and from untagged; on two ports, and one-armed on one."""
    for a, (a_vlan, _, a_tags, _) in ENDS.items():
        for b, (_, b_vlan, _, b_tags) in ENDS.items():
            for port in ("access", "far"):
                if a == b == "untagged" and port == "access":
                    continue
                link = Link(Attachment("a", "access", a_vlan), Attachment("b", port, b_vlan))
                where = "one-armed" if port == "access" else "two-ports"
                case = Case(f"translate-{a}-to-{b}-{where}", [link], two_ports())
                both_ways(case, link, a_tags, b_tags)
                unclaimed = stacked(ip_frame(), (C, 99))
                case.frame("access", unclaimed).to_kernel()
                yield case


def same_tags_on_two_ports():
    """Ports have tag sets of their own: a frame may keep its VID, or go as it is."""
    for name, (vlan, _, tags, _) in ENDS.items():
        link = Link(Attachment("a", "access", vlan), Attachment("b", "far", vlan))
        case = Case(f"wire-{name}-to-itself-two-ports", [link], two_ports())
        both_ways(case, link, tags, tags)
        yield case
    link = Link(Attachment("a", "access", "any"), Attachment("b", "far", "any"))
    case = Case("wire-any-to-any-two-ports", [link], two_ports())
    for tags in ((), ((C, 0, 5),), ((C, 7),), ((S, 7), (C, 8)), ((C, 1), (C, 2), (C, 3), (C, 4))):
        for source in (link.a, link.b):
            frame = stacked(ip_frame(), *tags)
            case.crosses(link, source, frame, frame, len(frame))
    yield case


def kept_tags():
    """Tags that stay: only by an attachment whose own they are, or under a pushed one."""
    kept = Attachment("a", "access", 10, keep_tag=True)
    inner = ip_frame()
    on_10 = stacked(inner, (C, 10))
    for b, tags in (
        (Attachment("b", "far", 10, keep_tag=True), ((C, 10),)),
        (Attachment("b", "far", "any"), ((C, 10),)),
        (Attachment("b", "far", 20), ((C, 20), (C, 10))),
        (Attachment("b", "far", {"outer": 20, "inner": "any"}), ((S, 20), (C, 10))),
        (Attachment("b", "far", {"outer": 20, "inner": 10}, keep_tag=True), None),
        (Attachment("b", "far", 20, keep_tag=True), None),
        (Attachment("b", "far"), None),
    ):
        link = Link(kept, b)
        kind = "outer" if isinstance(b.vlan, dict) else b.vlan or "untagged"
        word = "kept" if b.keep_tag else "pushed"
        case = Case(f"wire-kept-10-to-{kind}-{word}", [link], two_ports())
        if tags is None:
            case.refuses(link, kept, on_10, "tag_mismatch", len(on_10))
        else:
            case.crosses(link, kept, on_10, stacked(inner, *tags), len(on_10))
        yield case


def other_attachments_tags():
    """One-armed: what would come back in by another attachment of the port does not leave."""
    inner = ip_frame()
    outer = Attachment("a", "access", {"outer": 10, "inner": "any", "outerTpid": "0x8100"})
    single = Attachment("b", "access", 20)
    other = Link(Attachment("c", "access", {"outer": 20, "inner": 30, "outerTpid": "0x8100"}),
                 Attachment("d", "far", "any"), "other")
    link = Link(outer, single)
    case = Case("one-armed-tags-of-another-attachment-out-0p", [link, other], two_ports())
    fine, taken = stacked(inner, (C, 31)), stacked(inner, (C, 30))
    case.crosses(link, outer, stacked(fine, (C, 10)), stacked(fine, (C, 20)), len(fine))
    case.refuses(link, outer, stacked(taken, (C, 10)), "tag_mismatch", len(taken))
    case.crosses(other, other.a, stacked(inner, (C, 20), (C, 30)), inner, len(inner))
    yield case


def many_translations():
    """A thousand pairs on one port; none takes another's frames."""
    links = [
        Link(Attachment(f"a{n}", "access", n), Attachment(f"b{n}", "access", 4095 - n), f"t{n % 7}")
        for n in range(1, 1001)
    ]
    case = Case("one-armed-1000-translations", links, two_ports())
    for link in links[::37]:
        frame = ip_frame(length=60 + link.a.vlan % 40)
        a, b = ((C, link.a.vlan),), ((C, link.b.vlan),)
        case.crosses(link, link.a, stacked(frame, *a), stacked(frame, *b), len(frame))
        case.crosses(link, link.b, stacked(frame, *b), stacked(frame, *a), len(frame))
    yield case


def sizes():
    """Towards a port its IP MTU holds, or the attachment's; tags do not count."""
    pair = Attachment("b", "far", {"outer": 2, "inner": 3}, mtu=1280)
    for name, far, b, tags, mtu in (
        ("port", {"mtu": 1400}, Attachment("b", "far", 20), ((C, 20),), 1400),
        ("attachment", {}, pair, ((S, 2), (C, 3)), 1280),
        ("default", {}, Attachment("b", "far"), (), 1500),
    ):
        link = Link(Attachment("a", "access", 10), b)
        case = Case(f"translate-mtu-of-the-{name}", [link], two_ports(**far))
        fits, over = ip_frame(length=mtu), ip_frame(length=mtu + 1)
        arrives = lambda frame: stacked(frame, (C, 10))
        case.crosses(link, link.a, arrives(fits), stacked(fits, *tags), len(fits))
        case.refuses(link, link.a, arrives(over), "too_big", len(over))
        yield case


def short_frames():
    """A popped tag makes a frame shorter than 60 bytes: zeros follow (IEEE 802.3)."""
    link = Link(Attachment("a", "access", 10), Attachment("b", "far"))
    case = Case("translate-short-frames-are-padded-with-zeros", [link], two_ports())
    # Frames that leave bytes behind in packet memory.
    long = ip_frame(length=1400)
    case.crosses(link, link.a, stacked(long, (C, 10)), long, len(long))
    for size in range(14, 60, 5):
        frame = other_frame(count=46)[:size]
        case.crosses(link, link.a, stacked(frame, (C, 10)), padded(frame), size)
    yield case


def unused_members():
    """A member in no service takes its frames from the kernel and drops them."""
    alone = Unused(Attachment("alone", "access", 10))
    tunnel = Unused(replace(VXLAN[4], name="lonely"))
    link = Link(Attachment("a", "access", 20), replace(GENEVE[4], name="b"))
    case = Case("members-in-no-service-drop-all-they-receive", [alone, tunnel, link])
    inner = ip_frame()
    step = case.frame("access", stacked(inner, (C, 10)))
    step.drops("no_flood_member", counted=len(inner), ends=("acme", "alone", ""))
    step = case.frame("underlay", VXLAN[4].incoming(inner))
    step.drops("no_flood_member", counted=len(inner), ends=("acme", "lonely", ""))
    case.crosses(link, link.a, stacked(inner, (C, 20)), link.b.encap(inner), len(inner))
    yield case


def cases():
    yield from translations()
    yield from same_tags_on_two_ports()
    yield from kept_tags()
    yield from other_attachments_tags()
    yield from many_translations()
    yield from sizes()
    yield from short_frames()
    yield from unused_members()
