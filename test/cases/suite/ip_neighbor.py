"""The neighbor on an attachment that is joined with an IP tunnel: what it is told, what is learned."""

from dataclasses import replace

from harness.case import Attachment, Case, Link
from harness.frames import ACCESS_MAC, HOST_A, HOST_B, other_frame, padded, patched, stacked, tagged
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6ND_RS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from .ip_members import (
    BROADCAST,
    ETHERNET,
    GIVEN,
    LEARNS,
    PLAIN,
    IpAttachment,
    IpTunnel,
    answered,
    consumed,
    enters,
    framed,
    leaves,
    packet,
    refused,
    rejected,
)

HOST_IP = {4: "10.0.0.1", 6: "fd00::1"}
FAR_IP = {4: "10.0.0.2", 6: "fd00::2"}
SOLICITED_NODE = ("33:33:ff:00:00:02", "ff02::1:ff00:2")


def arp(psrc=HOST_IP[4], pdst=FAR_IP[4], op=1, src=HOST_A, dst=BROADCAST, hwsrc=None, **fields):
    request = ARP(op=op, hwsrc=hwsrc or src, psrc=psrc, pdst=pdst, hwdst="00:00:00:00:00:00", **fields)
    return bytes(Ether(src=src, dst=dst) / request)


def arp_answer(psrc=HOST_IP[4], pdst=FAR_IP[4], src=HOST_A, hwsrc=None):
    reply = ARP(op=2, hwsrc=ACCESS_MAC, psrc=pdst, hwdst=hwsrc or src, pdst=psrc)
    return bytes(Ether(src=ACCESS_MAC, dst=src) / reply)


def solicitation(
    src=HOST_IP[6], target=FAR_IP[6], to=SOLICITED_NODE, mac=HOST_A, hlim=255, option=True, **fields
):
    message = ICMPv6ND_NS(tgt=target, **fields)
    if option:
        message /= ICMPv6NDOptSrcLLAddr(lladdr=mac)
    return bytes(Ether(src=mac, dst=to[0]) / IPv6(src=src, dst=to[1], hlim=hlim) / message)


def advertisement(dst=HOST_IP[6], target=FAR_IP[6], mac=HOST_A):
    message = ICMPv6ND_NA(R=0, S=1, O=1, tgt=target) / ICMPv6NDOptDstLLAddr(lladdr=ACCESS_MAC)
    return bytes(Ether(src=ACCESS_MAC, dst=mac) / IPv6(src=target, dst=dst, hlim=255) / message)


def tags():
    """The attachment's tags are popped and pushed, on answers as on packets."""
    inner = packet(dscp=46)
    kinds = {
        "single": (100, [(0x8100, 100)]),
        "double": ({"outer": 7, "inner": 9}, [(0x88A8, 7), (0x8100, 9)]),
    }
    for name, (vlan, stack) in kinds.items():
        lan = IpAttachment(vlan=vlan)
        link = Link(lan, PLAIN[4])
        case = Case(f"gre-ip-attachment-{name}-tag", [link])
        enters(case, link, inner, stacked(framed(inner), *stack))
        out = stacked(framed(inner, HOST_A, ACCESS_MAC), *stack)
        leaves(case, link, PLAIN[4].incoming(inner), inner, frame=out)
        short = packet(length=28)
        # Padded with its tags on.
        out = padded(stacked(framed(short, HOST_A, ACCESS_MAC), *stack))
        leaves(case, link, PLAIN[4].incoming(short), short, frame=out)
        asked, told = arp(), arp_answer()
        answered(case, link, stacked(asked, *stack), told, len(asked), padded(stacked(told, *stack)))
        asked, told = solicitation(), advertisement()
        answered(case, link, stacked(asked, *stack), told, len(asked), stacked(told, *stack))
        yield case
    yield priority()
    yield left_over_tags()


def priority():
    """`pcp: "inherit"`: that of the tag popped, or the inner DSCP's class; a priority tag is popped."""
    lan = IpAttachment(vlan=100, pcp="inherit")
    zero = IpAttachment("zero", vlan=None)
    links = [Link(lan, PLAIN[4]), Link(zero, replace(PLAIN[6], name="six"))]
    case = Case("gre-ip-attachment-pcp", links)
    for dscp in (0, 8, 46, 63):
        inner = packet(dscp=dscp)
        out = tagged(framed(inner, HOST_A, ACCESS_MAC), 100, pcp=dscp >> 3)
        leaves(case, links[0], PLAIN[4].incoming(inner), inner, frame=out)
    asked, told = arp(), arp_answer()
    out = padded(tagged(told, 100, pcp=5))
    answered(case, links[0], tagged(asked, 100, pcp=5), told, len(asked), out)
    enters(case, links[1], packet(), tagged(framed(packet()), 0, pcp=6))
    answered(case, links[1], tagged(asked, 0, pcp=6), told, len(asked))
    return case


def left_over_tags():
    """Nothing can carry them on: not the tunnel, and not the answer."""
    lan = IpAttachment(vlan={"outer": 7, "inner": "any", "outerTpid": "0x8100"})
    any_lan = IpAttachment("all", vlan="any")
    links = [Link(lan, PLAIN[4]), Link(any_lan, replace(PLAIN[6], name="six"))]
    case = Case("gre-ip-attachment-tags-left-over", links)
    inner = packet()
    enters(case, links[0], inner, tagged(framed(inner), 7))
    for frame in (framed(inner), arp(), solicitation()):
        refused(case, links[0], tagged(frame, 7, 8), "tag_mismatch", len(frame) + 4)
        refused(case, links[1], tagged(frame, 9), "tag_mismatch")
    enters(case, links[1], inner)
    return case


def arp_answers():
    """For any address but the sender's."""
    link = Link(GIVEN, PLAIN[4])
    case = Case("gre-ip-arp-answered", [link])
    for address in (FAR_IP[4], "10.0.0.254", "192.0.2.1", "8.8.8.8"):
        answered(case, link, arp(pdst=address), arp_answer(pdst=address))
    # What pads a request is not sent back.
    answered(case, link, arp() + b"\xff" * 18, arp_answer())
    answered(case, link, arp(dst=ACCESS_MAC), arp_answer())
    answered(case, link, arp(src=HOST_B), arp_answer(src=HOST_B))
    proxied = arp(hwsrc=HOST_B)
    answered(case, link, proxied, arp_answer(hwsrc=HOST_B))
    # Probes, announcements, replies: nothing to say.
    consumed(case, link, arp(psrc="0.0.0.0"))
    consumed(case, link, arp(pdst=HOST_IP[4]))
    consumed(case, link, arp(op=2, dst=ACCESS_MAC))
    consumed(case, link, arp(op=2, pdst=HOST_IP[4]))
    consumed(case, link, arp(src=ACCESS_MAC))
    consumed(case, link, arp(src="00:00:00:00:00:00"))
    for op in (1, 2):
        refused(case, link, arp(op=op, dst=HOST_B), "not_for_router")
    for fields in ({"hwtype": 6}, {"ptype": 0x86DD}, {"hwlen": 8}, {"plen": 16}, {"op": 3}, {"op": 0}):
        frame = bytearray(arp())
        at = {"hwtype": 14, "ptype": 16, "hwlen": 18, "plen": 19, "op": 20}
        ((field, value),) = fields.items()
        width = 1 if field in ("hwlen", "plen") else 2
        frame[at[field] : at[field] + width] = value.to_bytes(width, "big")
        refused(case, link, frame, "not_ip")
    refused(case, link, arp()[:41], "not_ip")
    refused(case, link, arp()[:14], "not_ip")
    refused(case, link, arp(src="01:00:5e:00:00:01"), "reserved_mac")
    case.wild = True
    return case


def neighbor_answers():
    link = Link(GIVEN, PLAIN[6])
    case = Case("gre-ip-neighbor-solicitation-answered", [link])
    unicast = (ACCESS_MAC, FAR_IP[6])
    for target in (FAR_IP[6], "fe80::1", "2001:db8::1"):
        answered(case, link, solicitation(target=target), advertisement(target=target))
    answered(case, link, solicitation(to=unicast), advertisement())
    answered(case, link, solicitation(to=unicast, option=False), advertisement())
    answered(case, link, solicitation(mac=HOST_B), advertisement(mac=HOST_B))
    link_local = solicitation(src="fe80::a")
    answered(case, link, link_local, advertisement(dst="fe80::a"))
    # What stands behind the message is not sent back.
    answered(case, link, solicitation() + b"\xff" * 30, advertisement())
    # Duplicate address detection, and a host that asks for itself.
    consumed(case, link, solicitation(src="::", option=False))
    consumed(case, link, solicitation(src=FAR_IP[6]))
    consumed(case, link, solicitation(mac=ACCESS_MAC))
    told = ICMPv6ND_NA(tgt=HOST_IP[6], O=1) / ICMPv6NDOptDstLLAddr(lladdr=HOST_A)
    all_nodes = Ether(src=HOST_A, dst="33:33:00:00:00:01") / IPv6(src=HOST_IP[6], dst="ff02::1", hlim=255)
    consumed(case, link, all_nodes / told)
    refused(case, link, solicitation(to=(HOST_B, FAR_IP[6])), "not_for_router")
    refused(case, link, solicitation(mac="33:33:00:00:00:09"), "reserved_mac")
    return case


def neighbor_checks():
    """RFC 4861 §7.1.1: what fails them is not answered; §4.1, §4.2, §4.5: not the gateway's matter."""
    link = Link(GIVEN, PLAIN[6])
    case = Case("gre-ip-neighbor-discovery-not-answered", [link], wild=True)

    def bad(frame, reason="not_for_router"):
        refused(case, link, frame, reason)

    good = solicitation()
    bad(patched(good, 56, b"\x00\x00"))
    bad(patched(good, len(good) - 1, b"\x00"))
    bad(solicitation(code=1))
    bad(solicitation(target="ff02::1"))
    bad(solicitation(src="::"))
    bad(solicitation(src="::", option=False, to=("33:33:00:00:00:01", "ff02::1")))
    bad(solicitation(src="::", option=False, to=("33:33:ff:00:00:03", "ff02::1:ff00:3")))
    # An option of length 0, one past the end; a message that ends early.
    ip = Ether(src=HOST_A, dst=SOLICITED_NODE[0]) / IPv6(src=HOST_IP[6], dst=SOLICITED_NODE[1], hlim=255)
    for option in (b"\x01\x00" + bytes(6), b"\x01\x02" + bytes(6), bytes(4)):
        bad(ip / ICMPv6ND_NS(tgt=FAR_IP[6]) / Raw(option))
    bad(patched(good, 18, (20).to_bytes(2, "big")))
    bad(patched(good, 18, (200).to_bytes(2, "big")))
    bad(good[: 14 + 40 + 1], "not_for_router")
    to_us = Ether(src=HOST_A, dst=ACCESS_MAC)
    link_only = IPv6(src="fe80::a", dst="fe80::b", hlim=255)
    for message in (ICMPv6ND_RS(), ICMPv6ND_RA(), ICMPv6ND_Redirect(tgt="fe80::1", dst=FAR_IP[6])):
        bad(ip / message)
        bad(to_us / link_only / message)
    # With another hop limit it is a packet as any.
    bad(solicitation(hlim=254))
    far = solicitation(hlim=254, to=(ACCESS_MAC, FAR_IP[6]))
    enters(case, link, far[ETHERNET:], far)
    ping = bytes(IPv6(src=HOST_IP[6], dst=FAR_IP[6], hlim=255) / ICMPv6EchoRequest(data="hello"))
    enters(case, link, ping)
    return case


def learning():
    """Before the neighbor was heard: `no_neighbor`; then to the source MAC of ARP, ND and IP frames."""
    teachers = {
        "arp-request": lambda mac: ("answered", arp(src=mac), arp_answer(src=mac)),
        "arp-probe": lambda mac: ("consumed", arp(psrc="0.0.0.0", src=mac)),
        "arp-announcement": lambda mac: ("consumed", arp(pdst=HOST_IP[4], src=mac)),
        "arp-reply": lambda mac: ("consumed", arp(op=2, dst=ACCESS_MAC, src=mac)),
        "solicitation": lambda mac: ("answered", solicitation(mac=mac), advertisement(mac=mac)),
        "dad": lambda mac: ("consumed", solicitation(src="::", option=False, mac=mac)),
        "ipv4": lambda mac: ("enters", packet(), framed(packet(), src=mac)),
        "ipv6": lambda mac: ("enters", packet(6), framed(packet(6), src=mac)),
        "ip-broadcast": lambda mac: ("refused", framed(packet(), BROADCAST, src=mac)),
    }
    inner = packet()
    link = Link(LEARNS, PLAIN[4])
    everything = Case("gre-ip-next-hop-mac-the-last-one-heard", [link])
    for number, (name, teacher) in enumerate(teachers.items()):
        case = Case(f"gre-ip-next-hop-mac-learned-from-{name}", [link])
        rejected(case, link, PLAIN[4].incoming(inner), "no_neighbor", inner)
        for one, mac in ((case, HOST_A), (everything, f"02:0c:00:00:00:{number:02x}")):
            teach(one, link, *teacher(mac))
            leaves(one, link, PLAIN[4].incoming(inner), inner, mac)
            leaves(one, link, PLAIN[4].incoming(packet(6)), packet(6), mac)
        yield case
    yield everything
    yield not_learned()
    yield configured_wins(teachers)
    yield one_each()


def teach(case, link, fate, frame, more=None):
    if fate == "answered":
        answered(case, link, frame, more)
    elif fate == "consumed":
        consumed(case, link, frame)
    elif fate == "enters":
        enters(case, link, frame, more)
    else:
        refused(case, link, frame, "not_for_router")


def not_learned():
    """Group addresses, the port's own, none at all, and what is neither ARP, ND nor IP."""
    link = Link(LEARNS, PLAIN[4])
    case = Case("gre-ip-next-hop-mac-not-learned", [link], wild=True)
    inner = packet()

    def say_nothing():
        for group in (BROADCAST, "01:00:5e:00:00:01", "03:00:00:00:00:01"):
            refused(case, link, arp(src=group), "reserved_mac")
            refused(case, link, framed(inner, src=group), "reserved_mac")
            refused(case, link, solicitation(mac=group), "reserved_mac")
        consumed(case, link, arp(src=ACCESS_MAC))
        consumed(case, link, solicitation(mac=ACCESS_MAC))
        consumed(case, link, arp(src="00:00:00:00:00:00"))
        refused(case, link, framed(inner, BROADCAST, src=ACCESS_MAC), "not_for_router")
        refused(case, link, other_frame(dst=ACCESS_MAC), "not_ip")
        refused(case, link, arp(src=HOST_B)[:40], "not_ip")
        refused(case, link, framed(inner, src=HOST_B)[:30], "inner_truncated")

    say_nothing()
    rejected(case, link, PLAIN[4].incoming(inner), "no_neighbor", inner)
    enters(case, link, inner)
    say_nothing()
    leaves(case, link, PLAIN[4].incoming(inner), inner)
    return case


def configured_wins(teachers):
    link = Link(IpAttachment(next_hop_mac="02:0d:00:00:00:01"), PLAIN[4])
    case = Case("gre-ip-next-hop-mac-given-is-not-learned-over", [link])
    inner = packet()
    for teacher in teachers.values():
        teach(case, link, *teacher(HOST_B))
        leaves(case, link, PLAIN[4].incoming(inner), inner, "02:0d:00:00:00:01")
    return case


def one_each():
    """Attachments of one port have a neighbor each, and answer each for itself."""
    links = [
        Link(Attachment(f"l{n}", vlan=n), IpTunnel(name=f"t{n}", id=n), f"tenant{n}") for n in (1, 2, 3)
    ]
    case = Case("gre-ip-next-hop-mac-one-an-attachment", links)
    macs = {1: HOST_A, 2: HOST_B}
    asked = {n: arp(src=mac) for n, mac in macs.items()}
    inner = packet()
    for n, mac in macs.items():
        told = arp_answer(src=mac)
        answered(case, links[n - 1], tagged(asked[n], n), told, len(asked[n]), padded(tagged(told, n)))
    for n, mac in macs.items():
        out = tagged(framed(inner, mac, ACCESS_MAC), n)
        leaves(case, links[n - 1], links[n - 1].b.incoming(inner), inner, frame=out)
    rejected(case, links[2], links[2].b.incoming(inner), "no_neighbor", inner)
    return case


def one_burst():
    """Answers and packets of many attachments in turn: each frame has its own fate."""
    link = Link(GIVEN, PLAIN[4])
    case = Case("gre-ip-all-kinds-in-turn", [link])
    for _ in range(5):
        for family in (4, 6):
            enters(case, link, packet(family))
            answered(case, link, arp(), arp_answer())
            consumed(case, link, arp(psrc="0.0.0.0"))
            refused(case, link, other_frame(dst=ACCESS_MAC), "not_ip")
            answered(case, link, solicitation(), advertisement())
            leaves(case, link, PLAIN[4].incoming(packet(family)), packet(family))
    return case


def cases():
    yield from tags()
    yield arp_answers()
    yield neighbor_answers()
    yield neighbor_checks()
    yield from learning()
    yield one_burst()
