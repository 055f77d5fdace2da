"""Which attachment a frame's tags select, and by which attachment a frame may leave."""

from dataclasses import replace
from itertools import combinations

from harness.case import Case, Wire
from harness.choices import Plain
from harness.frames import arp_frame, ip_frame, other_frame, stacked
from harness.tunnel import Tunnel

INNER = ip_frame()
C, S = 0x8100, 0x88A8

# Every way to claim frames, around the same VIDs, so that they compete.
CLAIMS = {
    "untagged": "untagged",
    "single": 100,
    "double-s": {"outer": 100, "inner": 200},
    "double-c": {"outer": 100, "inner": 200, "outerTpid": "0x8100"},
    "outer-s": {"outer": 100, "inner": "any", "outerTpid": "0x88a8"},
    "outer-c": {"outer": 100, "inner": "any", "outerTpid": "0x8100"},
    "any": "any",
}
PUSHED = {
    "untagged": (),
    "single": ((C, 100),),
    "double-s": ((S, 100), (C, 200)),
    "double-c": ((C, 100), (C, 200)),
    "outer-s": ((S, 100),),
    "outer-c": ((C, 100),),
    "any": (),
}

STACKS = (
    (),
    ((C, 0),),
    ((C, 100),),
    ((C, 99),),
    ((C, 200),),
    ((C, 4095),),
    ((S, 0),),
    ((S, 100),),
    ((S, 99),),
    ((0x9100, 100),),
    ((C, 100), (C, 200)),
    ((S, 100), (C, 200)),
    ((C, 100), (C, 201)),
    ((S, 100), (C, 201)),
    ((C, 100), (S, 200)),
    ((S, 100), (S, 200)),
    ((C, 100), (C, 0)),
    ((S, 100), (C, 0)),
    ((C, 0), (C, 100)),
    ((C, 0), (C, 200)),
    ((S, 200), (C, 100)),
    ((C, 200), (C, 100)),
    ((S, 100), (C, 200), (C, 300)),
    ((C, 100), (C, 200), (C, 300)),
    ((S, 100), (S, 100), (C, 200)),
    ((C, 0), (C, 100), (C, 200)),
)


def tags_of(stack):
    """The part that counts as VLAN tags: other TPIDs are a type like any other."""
    tags = []
    for tag in stack:
        if tag[0] not in (C, S):
            break
        tags.append(tag)
    return tuple(tags)


def selected(stack, claims):
    """The claim that a frame's tags select, the most specific first; None: the kernel's."""
    tags = tags_of(stack)
    wanted = []
    if tags in ((), ((C, 0),)):
        wanted.append("untagged")
    wanted += [name for name in ("single", "double-s", "double-c") if tags == PUSHED[name]]
    wanted += [name for name in ("outer-s", "outer-c") if tags[:1] == PUSHED[name]]
    wanted.append("any")
    return next((name for name in wanted if name in claims), None)


def popped(stack, claim):
    """The tags that stay on the frame inside the tunnel."""
    if claim == "untagged":
        return () if tags_of(stack) == ((C, 0),) else stack
    return stack[len(PUSHED[claim]) :]


def wires_of(claims, **keys):
    return {
        name: Wire(
            Tunnel(id=10 + n, inner_tags="keep"), tenant=name, lan="l", vlan=CLAIMS[name], **keys
        )
        for n, name in enumerate(CLAIMS)
        if name in claims
    }


def arriving():
    """All sets of claims on one port; the most specific wins, the unclaimed is the kernel's."""
    for size in range(1, len(CLAIMS) + 1):
        for claims in combinations(CLAIMS, size):
            wires = wires_of(claims)
            case = Case(f"access-tag-sets-{'+'.join(claims)}", list(wires.values()))
            for stack in STACKS:
                frame = stacked(INNER, *stack, pcp=5, dei=1)
                claim = selected(stack, claims)
                if claim is None:
                    case.frame("access", frame).to_kernel()
                    continue
                inside = stacked(INNER, *popped(stack, claim), pcp=5, dei=1)
                case.encaps(inside, wires[claim], arrives=frame)
            yield case


LEAVING = STACKS[:5] + STACKS[7:8] + STACKS[10:12] + STACKS[16:18] + STACKS[22:24]


def may_leave(claim, inside, claims, keep):
    sent = inside if keep else PUSHED[claim] + inside
    if claim == "untagged" and tags_of(sent):
        return False
    chosen = selected(sent, claims)
    return chosen == claim or (chosen is None and not keep)


def leaving(keep):
    """A frame whose tags, as sent, select another attachment of the port may not leave."""
    sets = [set(s) for size in (1, 2, len(CLAIMS)) for s in combinations(CLAIMS, size)]
    for claims in sets:
        wires = wires_of(claims, keep_tag=keep or None)
        word = "kept" if keep else "pushed"
        names = "+".join(name for name in CLAIMS if name in claims)
        case = Case(f"underlay-tags-{word}-leaving-by-{names}", list(wires.values()))
        for claim, wire in wires.items():
            for inside in LEAVING:
                frame = stacked(INNER, *inside, pcp=2)
                step = case.frame("underlay", wire.tunnel.incoming(frame))
                if not may_leave(claim, inside, claims, keep):
                    step.drops("tag_mismatch", wire, len(frame))
                    continue
                pushed = () if keep else tuple((*tag, 0) for tag in PUSHED[claim])
                leaves = Plain(stacked(INNER, *pushed, *inside, pcp=2))
                step.sends("access", leaves, wire, len(frame))
        yield case


def keep_tag_inwards():
    """Matched tags stay on the frame; so do those behind an outer one."""
    for claim in ("single", "double-s", "double-c", "outer-s", "outer-c"):
        wire = replace(wires_of((claim,))[claim], keep_tag=True)
        case = Case(f"access-and-underlay-keep-tag-{claim}", [wire])
        for stack in STACKS:
            frame = stacked(INNER, *stack, pcp=5, dei=1)
            if selected(stack, (claim,)) is None:
                case.frame("access", frame).to_kernel()
                continue
            case.encaps(frame, arrives=frame)
            case.decaps(wire.tunnel.incoming(frame), frame, counted=len(frame))
        # Nothing is pushed: what has not the attachment's own tags does not leave.
        for frame in (INNER, arp_frame(), stacked(INNER, (C, 99)), stacked(INNER, (S, 99), (C, 200))):
            step = case.frame("underlay", wire.tunnel.incoming(frame))
            step.drops("tag_mismatch", wire, len(frame))
        yield case


def every_vid():
    """First and last VID of singles, and of both tags of pairs."""
    vids = (1, 2, 255, 256, 2048, 4093, 4094)
    wires = [
        Wire(Tunnel(id=vid), lan=f"s{vid}", name=f"st{vid}", vlan=vid) for vid in vids
    ]
    wires += [
        Wire(
            Tunnel(id=10_000 + vid),
            lan=f"d{vid}",
            name=f"dt{vid}",
            vlan={"outer": vid, "inner": 4095 - vid},
        )
        for vid in vids
    ]
    case = Case("access-and-underlay-ends-of-the-vids", wires)
    for number, wire in enumerate(wires):
        vid = vids[number % len(vids)]
        tags = ((C, vid),) if number < len(vids) else ((S, vid), (C, 4095 - vid))
        case.encaps(INNER, wire, arrives=stacked(INNER, *tags))
        leaves = stacked(INNER, *tags)
        case.decaps(wire.tunnel.incoming(INNER), leaves, wire, counted=len(INNER))
    yield case


def tags_do_not_count_for_the_mtu():
    """IP MTU: tags are no part of it on a port; inside a tunnel each takes 4 bytes of the outer's."""
    for claim, kept in (("single", 0), ("double-s", 0), ("outer-s", 1), ("any", 2)):
        wire = wires_of((claim,))[claim]
        case = Case(f"access-and-underlay-mtu-with-tags-{claim}", [wire])
        case.gateway["ports"][0]["mtu"] = 1508 + 50
        stack = {"single": (), "double-s": (), "outer-s": ((C, 7),), "any": ((S, 100), (C, 7))}[claim]
        fits, over = ip_frame(length=1500), ip_frame(length=1501)
        inside = stacked(fits, *stack)
        on_port = stacked(fits, *PUSHED[claim], *stack)
        case.decaps(wire.tunnel.incoming(inside), on_port, counted=len(inside))
        too_big = stacked(over, *stack)
        case.frame("underlay", wire.tunnel.incoming(too_big)).drops("too_big", wire, len(too_big))
        largest = 1508 - 4 * kept
        case.encaps(
            stacked(ip_frame(length=largest), *stack),
            arrives=stacked(ip_frame(length=largest), *PUSHED[claim], *stack),
        )
        larger = stacked(ip_frame(length=largest + 1), *stack)
        step = case.frame("access", stacked(ip_frame(length=largest + 1), *PUSHED[claim], *stack))
        step.drops("too_big", wire, len(larger))
        yield case


def cut_in_the_tags():
    """Frames that end inside their tags or the IP header behind them are not sent."""
    for claim in CLAIMS:
        wire = wires_of((claim,))[claim]
        stack = PUSHED[claim] or ((C, 100), (C, 200))
        if claim == "untagged":
            stack = ((C, 0),)
        case = Case(f"hostile-access-tags-{claim}-every-prefix", [wire])
        frame = stacked(INNER, *stack)
        for count in range(1, 14 + 4 * len(stack) + 20):
            case.frame("access", frame[:count]).is_not_sent()
        case.encaps(stacked(INNER, *popped(stack, claim)), arrives=frame)
        yield case


def other_payloads():
    """What is behind the tags may be anything."""
    claim = "double-s"
    wire = wires_of((claim,))[claim]
    case = Case("access-and-underlay-double-tags-any-payload", [wire])
    for frame in (arp_frame(), other_frame(), other_frame(46, count=46), ip_frame(6)):
        case.encaps(frame, arrives=stacked(frame, *PUSHED[claim], pcp=3))
        leaves = stacked(frame, *PUSHED[claim])
        on_port = leaves + bytes(max(0, 60 - len(leaves)))
        case.decaps(wire.tunnel.incoming(frame), on_port, counted=len(frame))
    return case


def cases():
    yield from arriving()
    yield from leaving(keep=False)
    yield from leaving(keep=True)
    yield from keep_tag_inwards()
    yield from every_vid()
    yield from tags_do_not_count_for_the_mtu()
    yield from cut_in_the_tags()
    yield other_payloads()
