"""ICMP errors from the underlay told on to the sender of the inner packet (RFC 2003 §4, RFC 2473 §8),
and those that stay between the tunnel's ends (threat T10)."""

from dataclasses import replace

from harness.case import START_NS, Case, Link, Unused, Wire
from harness.choices import Plain
from harness.frames import ether, ip_frame, padded, payload, tagged
from harness.icmp_in import error, quote_of, quoted_inner, told, told_packet, too_big, whole
from harness.tunnel import Tunnel
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded
from scapy.packet import Raw

from .ip_members import GIVEN, PLAIN, packet, to_host
from .tunnels import EVERY, OVERHEAD, VXLAN

LARGE = {4: whole(ip_frame(length=1450)), 6: ip_frame(6, length=1430)}
SMALL = {4: ip_frame(length=200), 6: ip_frame(6, length=200)}


def consumed(case, frame):
    case.frame("underlay", frame).is_consumed(None, 0)


def relayed(case, frame, message, wire=None):
    """`message` leaves by the attachment of the wire, whose tag it gets."""
    wire = wire or case.wires[0]
    out = message if wire.vlan is None else tagged(message, wire.vlan)
    member = (wire.tenant, wire.name, wire.lan)
    case.frame("underlay", frame).relays(wire.port, Plain(padded(out)), member, len(message))


def size_message(family, mtu):
    return ICMP(type=3, code=4, nexthopmtu=mtu) if family == 4 else ICMPv6PacketTooBig(mtu=mtu)


def unreachable(family, code4=1):
    return ICMP(type=3, code=code4) if family == 4 else ICMPv6DestUnreach(code=3)


def sizes():
    """The inner MTU, to IPv4 and IPv6 inside IPv4 and IPv6, from the first error on."""
    for name, tunnel in EVERY.items():
        for vlan in (None, 100):
            case = Case(f"underlay-relayed-size-{name}-{vlan or 'untagged'}", [Wire(tunnel, vlan=vlan)])
            for mtu in (1400, 1360):
                for family, inner in LARGE.items():
                    message = size_message(family, max(mtu - OVERHEAD[name], 0 if family == 4 else 1280))
                    shown = quoted_inner(tunnel, inner)
                    relayed(case, too_big(tunnel, inner, mtu), told(shown, message))
            # What is in force is told, though the router says more.
            message = size_message(4, 1360 - OVERHEAD[name])
            relayed(case, too_big(tunnel, LARGE[4], 1390), told(quoted_inner(tunnel, LARGE[4]), message))
            yield case


def sizes_not_told():
    """What would be no news, or is not believed, or is about a packet that might have been cut."""
    tunnel = VXLAN[4]
    case = Case("underlay-not-relayed-size", [Wire(tunnel)])
    for mtu in (552, 68, 1500, 9000):
        consumed(case, too_big(tunnel, LARGE[4], mtu))
    consumed(case, too_big(tunnel, ip_frame(length=1450), 1400))
    # It fits as it is.
    consumed(case, too_big(tunnel, whole(ip_frame(length=1350)), 1400))
    consumed(case, too_big(tunnel, ip_frame(6, length=1280), 1300))
    # 576 of 526 bytes inside: no size that an IPv4 host is told.
    consumed(case, too_big(tunnel, LARGE[4], 576))
    yield case
    deaf = replace(tunnel, path_mtu="ignore")
    case = Case("underlay-not-relayed-size-ignored", [Wire(deaf)])
    consumed(case, too_big(deaf, LARGE[4], 1400))
    shown = quoted_inner(deaf, SMALL[4])
    relayed(case, error(deaf, ICMP(type=3, code=1), quote_of(deaf, SMALL[4])), told(shown, unreachable(4)))
    yield case


def others():
    """Unreachable and out of time, as RFC 2003 and RFC 2473 translate them; the rest is kept."""
    for family, inner in SMALL.items():
        for name in ("vxlan-v4", "gre-key-v4", "nvgre-v4", "geneve-v4"):
            tunnel = EVERY[name]
            case = Case(f"underlay-relayed-{name}-inner-v{family}", [Wire(tunnel, vlan=100)])
            quote = quote_of(tunnel, inner)
            for kind, code, code4 in ((3, 0, 0), (3, 1, 1), (3, 2, 1), (11, 0, 1)):
                message = told(inner, unreachable(family, code4))
                relayed(case, error(tunnel, ICMP(type=kind, code=code), quote), message)
            for kind, code in ((3, 3), (3, 5), (3, 9), (3, 13), (11, 1), (12, 0)):
                consumed(case, error(tunnel, ICMP(type=kind, code=code), quote))
            yield case
        tunnel = VXLAN[6]
        case = Case(f"underlay-relayed-vxlan-v6-inner-v{family}", [Wire(tunnel)])
        quote = quote_of(tunnel, inner)
        for icmp in (ICMPv6DestUnreach(code=0), ICMPv6DestUnreach(code=3), ICMPv6TimeExceeded(code=0)):
            relayed(case, error(tunnel, icmp, quote), told(inner, unreachable(family)))
        for icmp in (ICMPv6DestUnreach(code=1), ICMPv6DestUnreach(code=4), ICMPv6TimeExceeded(code=1)):
            consumed(case, error(tunnel, icmp, quote))
        yield case


def forbidden():
    """No error about these (RFC 1122 §3.2.2, RFC 1812 §4.3.2.7, RFC 4443 §2.4e)."""
    tunnel = VXLAN[4]
    case = Case("underlay-not-relayed-forbidden", [Wire(tunnel)])
    body = UDP(sport=1, dport=2) / Raw(payload(80))
    ends = {"src": "10.0.0.1", "dst": "10.0.0.2"}
    for inner in (
        ether() / IP(**ends) / ICMP(type=3, code=1) / Raw(payload(40)),
        ether() / IP(**ends) / ICMP(type=11) / Raw(payload(40)),
        ether() / IP(**ends, frag=5) / body,
        ether() / IP(**(ends | {"dst": "224.0.0.5"})) / body,
        ether() / IP(**(ends | {"dst": "255.255.255.255"})) / body,
        ether() / IP(**(ends | {"src": "0.0.0.0"})) / body,
        ether() / IP(**(ends | {"src": "127.0.0.1"})) / body,
        ether() / IP(**(ends | {"src": "224.0.0.5"})) / body,
        ether(dst="ff:ff:ff:ff:ff:ff") / IP(**ends) / body,
        ether(dst="01:00:5e:00:00:05") / IP(**ends) / body,
        ether(src="03:00:00:00:00:01") / IP(**ends) / body,
        ip_frame(6, src="ff02::1"),
        ip_frame(6, src="::"),
        ip_frame(6, dst="ff02::1"),
    ):
        consumed(case, error(tunnel, ICMP(type=3, code=1), quote_of(tunnel, bytes(inner))))
    yield case


def short_quotes():
    """The inner IP header and eight bytes behind it are enough, and less is not."""
    for family, inner in SMALL.items():
        for name in ("vxlan-v4", "gre-v4"):
            tunnel = EVERY[name]
            case = Case(f"underlay-relayed-short-{name}-inner-v{family}", [Wire(tunnel)])
            quote = quote_of(tunnel, inner)
            least = len(quote) - len(inner) + 14 + (20 if family == 4 else 40) + 8
            icmp = ICMP(type=3, code=1)
            for size in range(least - 20, least):
                consumed(case, error(tunnel, icmp, quote[:size]))
            for size in (least, least + 1, least + 40):
                shown = quoted_inner(tunnel, inner, size)
                relayed(case, error(tunnel, icmp, quote[:size]), told(shown, unreachable(family)))
            yield case


def limited():
    """A hundred a second for a tenant, unless it says otherwise, and nothing for what is refused."""
    wires = [Wire(Tunnel(id=1), lan="a", name="ta", vlan=1)]
    wires.append(Wire(Tunnel(id=2), lan="b", name="tb", vlan=2, tenant="other"))
    case = Case("underlay-relayed-limited", wires)
    inner, icmp = SMALL[4], ICMP(type=3, code=1)
    message = told(inner, unreachable(4))
    frame = error(wires[0].tunnel, icmp, quote_of(wires[0].tunnel, inner))
    for number in range(300):
        if number < 100:
            relayed(case, frame, message, wires[0])
        else:
            consumed(case, frame)
        case.steps[-1].time_ns = START_NS + number
    other = error(wires[1].tunnel, icmp, quote_of(wires[1].tunnel, inner))
    relayed(case, other, message, wires[1])
    case.steps[-1].time_ns = START_NS + 1000
    yield case


def not_served():
    """A tunnel in no service has nobody to tell; what two tunnels may have sent is told to nobody."""
    case = Case("underlay-not-relayed-unused", [Unused(replace(VXLAN[4], name="lone"))])
    consumed(case, error(VXLAN[4], ICMP(type=3, code=1), quote_of(VXLAN[4], SMALL[4])))
    yield case
    twins = [
        Wire(Tunnel(accept_from=("198.51.100.0/25",)), lan="a", name="ta", vlan=1),
        Wire(Tunnel(accept_from=("198.51.100.128/25",)), lan="b", name="tb", vlan=2, tenant="other"),
    ]
    case = Case("underlay-not-relayed-to-either-of-two", twins)
    consumed(case, error(VXLAN[4], ICMP(type=3, code=1), quote_of(VXLAN[4], SMALL[4])))
    consumed(case, too_big(VXLAN[4], LARGE[4], 1400))
    yield case


def stitched():
    """Two tunnels joined: the message goes back through the one that the packet came from."""
    near, far = replace(VXLAN[4], name="near"), Tunnel("gre", id=7, name="far", remote="198.51.100.8")
    link = Link(near, far)
    case = Case("underlay-relayed-into-a-tunnel", [link])
    message = told(SMALL[4], unreachable(4))
    frame = error(far, ICMP(type=3, code=1), quote_of(far, SMALL[4]))
    step = case.frame("underlay", frame)
    step.relays("underlay", near.encap(message), ("acme", "far", "near"), len(message))
    yield case


def ip_payload():
    """From a GRE tunnel with IP packets, to the neighbor on the attachment."""
    for outer, tunnel in PLAIN.items():
        case = Case(f"underlay-relayed-gre-ip-v{outer}", [Link(GIVEN, tunnel)])
        for family in (4, 6):
            inner = packet(family, length=200)
            icmp = ICMP(type=3, code=1) if outer == 4 else ICMPv6DestUnreach(code=0)
            message = told_packet(inner, unreachable(family))
            step = case.frame("underlay", error(tunnel, icmp, quote_of(tunnel, inner)))
            step.relays("access", Plain(to_host(message)), ("acme", "tun", "lan"), 14 + len(message))
        yield case


def cases():
    for part in (
        sizes,
        sizes_not_told,
        others,
        forbidden,
        short_quotes,
        limited,
        not_served,
        stitched,
        ip_payload,
    ):
        yield from part()
