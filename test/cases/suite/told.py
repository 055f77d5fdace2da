"""Who sends what is too big is told so, by the rules of RFC 1191, RFC 4443 and RFC 1812."""

from dataclasses import replace

from harness.case import START_NS, Attachment, Case, Link, Wire
from harness.choices import Plain
from harness.frames import ether, padded, patched, payload, stacked, tagged
from harness.icmp import too_big, too_big_packet
from harness.tunnel import Tunnel
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6ND_Redirect, IPv6
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.layers.inet6 import IPv6ExtHdrHopByHop
from scapy.packet import Raw

from .ip_members import ETHERNET, GIVEN, PLAIN, framed, to_host
from .stitching import pair
from .tunnels import EVERY, GRE, OVERHEAD, VXLAN


def df_frame(family=4, length=1500, tos=0, ttl=61, **ip):
    """A datagram that may not be fragmented."""
    ends = {4: ("10.0.0.1", "10.0.0.2"), 6: ("fd00::1", "fd00::2")}[family]
    if family == 4:
        fields = {"src": ends[0], "dst": ends[1], "flags": "DF", "tos": tos, "ttl": ttl, "id": 7}
        head = IP(**(fields | ip))
    else:
        head = IPv6(**({"src": ends[0], "dst": ends[1], "tc": tos, "hlim": ttl} | ip))
    body = payload(length - len(head) - 8)
    return bytes(ether() / head / UDP(sport=1000, dport=2000) / Raw(body))


def own(tenant, name):
    return (tenant, name, name)


def told_on_port(case, wire, inner, mtu, tags=()):
    """The tenant's frame comes in by the wire's attachment, which pops `tags`, and is answered there."""
    message = too_big(inner, mtu)
    step = case.frame(wire.port, stacked(inner, *tags))
    sent = Plain(padded(stacked(message, *tags)))
    step.tells(wire.port, sent, own(wire.tenant, wire.lan), len(inner), len(message))


def told_in_tunnel(case, tunnel, name, inner, mtu, tenant="acme", message=None):
    """The tunnel's packet is answered through the tunnel."""
    message = message or too_big(inner, mtu)
    step = case.frame("underlay", tunnel.incoming(inner))
    step.tells("underlay", tunnel.encap(message), own(tenant, name), len(inner), len(message))


def into_every_tunnel():
    """Rules 43 and 44: the MTU that fits, less 4 for each tag kept inside."""
    looks = (
        ("untagged", {}, (), ()),
        ("vlan", {"vlan": 100}, ((0x8100, 100),), ()),
        ("kept", {"vlan": 100, "keep_tag": True}, (), ((0x8100, 100),)),
        ("qinq-kept", {"vlan": {"outer": 3, "inner": 4}, "keep_tag": True}, (),
         ((0x88A8, 3), (0x8100, 4))),
        ("qinq", {"vlan": {"outer": 3, "inner": "any"}}, ((0x88A8, 3),), ((0x8100, 9),)),
    )
    for name, tunnel in EVERY.items():
        for look, keys, popped, kept in looks:
            if kept and tunnel.type == "nvgre":
                continue
            wire = Wire(tunnel, **keys)
            case = Case(f"told-{name}-{look}", [wire])
            limit = 1500 - OVERHEAD[name] - 4 * len(kept)
            for family in (4, 6):
                fits = stacked(df_frame(family, limit), *kept)
                case.encaps(fits, arrives=stacked(fits, *popped))
                for over in (limit + 1, 1500, 3000):
                    told_on_port(case, wire, stacked(df_frame(family, over), *kept), limit, popped)
            yield case


def out_of_every_tunnel():
    """An attachment's own MTU, and its port's, are told into the tunnel."""
    for name, tunnel in EVERY.items():
        for what, keys, port in (("attachment", {"mtu": 1400}, 1500), ("port", {}, 1400)):
            wire = Wire(tunnel, **keys)
            case = Case(f"told-out-of-{name}-by-the-{what}", [wire])
            case.gateway["ports"][1]["mtu"] = port
            for family in (4, 6):
                fits = df_frame(family, 1400)
                case.decaps(tunnel.incoming(fits), fits)
                told_in_tunnel(case, tunnel, "tun", df_frame(family, 1401), 1400)
            yield case
    kept = Wire(VXLAN[4], vlan=100, keep_tag=True, mtu=1400)
    case = Case("told-out-of-vxlan-with-its-tag", [kept])
    # Kept: what may enter the tunnel are 1446 bytes; towards the tenant the tag does not count.
    told_in_tunnel(case, VXLAN[4], "tun", tagged(df_frame(length=1401), 100), 1400)
    yield case


def through_two_tunnels():
    for west, west_family, east, east_family in (
        ("gre", 4, "vxlan", 6), ("vxlan", 6, "gre", 4), ("geneve", 4, "nvgre", 4), ("nvgre", 6, "geneve", 6),
    ):
        link = pair(west, west_family, east, east_family)
        case = Case(f"told-stitch-{west}-v{west_family}-{east}-v{east_family}", [link])
        case.gateway["ports"][0]["mtu"] = 9000
        link = Link(link.a, replace(link.b, mtu=1300))
        case.wires = [link]
        for family in (4, 6):
            told_in_tunnel(case, link.a, "west", df_frame(family, 1301), 1300)
        yield case


def between_attachments():
    link = Link(Attachment("a", "access", 10), Attachment("b", "access", 20, mtu=1280))
    case = Case("told-between-attachments", [link])
    for family in (4, 6):
        frame = df_frame(family, 1281)
        message = too_big(frame, 1280)
        step = case.frame("access", tagged(frame, 10))
        step.tells("access", Plain(padded(tagged(message, 10))), own("acme", "a"), len(frame), len(message))
    yield case


def ip_packets():
    """IP tunnels: no Ethernet header inside; on the attachment the neighbor's."""
    for outer, tunnel in PLAIN.items():
        link = Link(replace(GIVEN, mtu=1300), tunnel)
        case = Case(f"told-gre-ip-v{outer}", [link])
        limit = 1500 - {4: 24, 6: 44}[outer]
        for family in (4, 6):
            packet = df_frame(family, limit + 1)[ETHERNET:]
            message = too_big_packet(packet, limit)
            step = case.frame("access", framed(packet))
            sent = Plain(to_host(message))
            step.tells("access", sent, own("acme", "lan"), len(packet) + ETHERNET, len(message) + ETHERNET)
            packet = df_frame(family, 1301)[ETHERNET:]
            told_in_tunnel(case, tunnel, "tun", packet, 1300, message=too_big_packet(packet, 1300))
        yield case


def own_mtu():
    for name, tunnel in EVERY.items():
        wire = Wire(replace(tunnel, mtu=1300))
        case = Case(f"told-{name}-by-its-own-mtu", [wire])
        for family in (4, 6):
            case.encaps(df_frame(family, 1300))
            told_on_port(case, wire, df_frame(family, 1301), 1300)
        yield case


def fields_of_the_message():
    """TTL and addresses are the packet's; TOS is 0; padding is not quoted; IPv6 is told 1280 at least."""
    wire = Wire(VXLAN[4])
    case = Case("told-fields", [wire])
    for family in (4, 6):
        for ttl, tos in ((1, 0), (255, 0xB8), (64, 3)):
            told_on_port(case, wire, df_frame(family, 1451, ttl=ttl, tos=tos), 1450)
        told_on_port(case, wire, df_frame(family, 1451) + b"\xee" * 7, 1450)
    yield case
    wire = Wire(replace(VXLAN[4], mtu=700))
    case = Case("told-floors", [wire])
    told_on_port(case, wire, df_frame(6, 1281), 1280)
    told_on_port(case, wire, df_frame(4, 701), 700)
    # Telling 1280 would help nobody.
    case.frame("access", df_frame(6, 1280)).drops("too_big", wire, 1294)
    yield case
    wire = Wire(replace(VXLAN[4], mtu=576), vlan=5, keep_tag=True)
    case = Case("told-nothing-under-576", [wire])
    over = tagged(df_frame(4, 573), 5)
    case.frame("access", over).drops("too_big", wire, len(over))
    yield case


def with_ip(frame, **fields):
    """The IPv4 frame with header fields changed, and its checksum right."""
    packet = IP(frame[ETHERNET:])
    for key, value in fields.items():
        setattr(packet, key, value)
    del packet.chksum
    return frame[:ETHERNET] + bytes(packet)


def forbidden_ipv4():
    """RFC 1812 §4.3.2.7, RFC 1122 §3.2.2, and the kernel's own conditions."""
    big = df_frame(4, 1500)
    yield "no-df", with_ip(big, flags=0)
    yield "df-and-more-fragments", with_ip(big, flags="DF+MF")
    yield "evil-bit", with_ip(big, flags="DF+evil")
    yield "later-fragment", with_ip(big, flags=0, frag=100)
    yield "later-fragment-with-df", with_ip(big, flags="DF", frag=100)
    for source in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.5", "240.0.0.1", "255.255.255.255"):
        yield f"from-{source}", with_ip(big, src=source)
    for to in ("224.0.0.5", "239.1.2.3", "255.255.255.255", "0.0.0.0"):
        yield f"to-{to}", with_ip(big, dst=to)
    for kind in (3, 4, 5, 11, 12, 40):
        yield f"icmp-{kind}", bytes(ether() / IP(src="10.0.0.1", dst="10.0.0.2", flags="DF") /
                                    ICMP(type=kind) / Raw(payload(1450)))
    yield "bad-checksum", patched(big, ETHERNET + 10, b"\x00\x01")
    yield "longer-than-its-frame", with_ip(big, len=1501)
    yield "padding-alone-too-big", df_frame(4, 1450) + b"\xee" * 20


def forbidden_ipv6():
    """RFC 4443 §2.4e; nothing here has an address to answer for a multicast one."""
    big = df_frame(6, 1500)
    for source in ("::", "::1", "ff02::1"):
        yield f"from-{source}", df_frame(6, src=source)
    for to in ("ff02::1", "ff0e::7", "::1"):
        yield f"to-{to}", df_frame(6, dst=to)
    head = ether() / IPv6(src="fd00::1", dst="fd00::2")
    body = Raw(payload(1440))
    for kind, message in (("unreachable", ICMPv6DestUnreach()), ("too-big", ICMPv6PacketTooBig()),
                          ("redirect", ICMPv6ND_Redirect())):
        yield f"icmpv6-{kind}", bytes(head / message / body)
    error = ICMPv6DestUnreach()
    yield "error-behind-options", bytes(head / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / error / body)
    yield "error-in-a-fragment", bytes(head / IPv6ExtHdrFragment(m=1, nh=58) / error / body)
    yield "later-fragment", bytes(head / IPv6ExtHdrFragment(offset=9, nh=17) / body)
    yield "longer-than-its-frame", patched(big, ETHERNET + 4, (1461).to_bytes(2, "big"))
    yield "padding-alone-too-big", df_frame(6, 1450) + b"\xee" * 20


def forbidden():
    """Dropped, and nothing told."""
    wire = Wire(VXLAN[4])
    case = Case("told-nothing-about-the-forbidden", [wire], wild=True)
    frames = [frame for _, frame in (*forbidden_ipv4(), *forbidden_ipv6())]
    for family in (4, 6):
        for mac in ("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:05", "33:33:00:00:00:01"):
            address = bytes.fromhex(mac.replace(":", ""))
            frames += [patched(df_frame(family), 0, address), patched(df_frame(family), 6, address)]
    frames.append(patched(df_frame(), 12, b"\x88\xb5"))
    for frame in frames:
        case.frame("access", frame).drops("too_big", wire, len(frame))
    yield case
    silent = Wire(replace(VXLAN[4], oversize="drop"))
    case = Case("told-nothing-where-oversize-is-drop", [silent])
    for family in (4, 6):
        case.frame("access", df_frame(family)).drops("too_big", silent, 1514)
    yield case


def permitted():
    """What looks like the forbidden and is not."""
    wire = Wire(VXLAN[4])
    case = Case("told-about-the-permitted", [wire])
    head4 = ether() / IP(src="10.0.0.1", dst="10.0.0.2", flags="DF")
    head6 = ether() / IPv6(src="fe80::1", dst="fd00::2")
    body = Raw(payload(1440))
    for frame in (
        bytes(head4 / ICMP(type=8) / body),
        bytes(head4 / ICMP(type=0) / body),
        bytes(head6 / ICMPv6EchoRequest() / body),
        bytes(head6 / IPv6ExtHdrHopByHop() / ICMPv6EchoRequest() / body),
        bytes(head6 / IPv6ExtHdrFragment(m=1, nh=17) / body),
    ):
        told_on_port(case, wire, frame, 1450)
    yield case
    # tshark takes the quoted part of a segment for all of it, and its checksum for wrong.
    case = Case("told-about-tcp", [wire], wild=True)
    told_on_port(case, wire, bytes(head4 / TCP(sport=1000, dport=2000) / body), 1450)
    yield case


def receive_only():
    """A tunnel that only receives has no way back."""
    tunnel = Tunnel(remote="any", accept_from=("198.51.100.0/24",))
    wire = Wire(tunnel, mtu=1400)
    case = Case("told-nothing-to-a-tunnel-that-only-receives", [wire])
    packet = VXLAN[4].incoming(df_frame(length=1401))
    case.frame("underlay", packet).drops("too_big", wire, 1415)
    yield case


def limits():
    """Threat T10: 10 000 a second make no more than the limit, and the limit again a second later."""
    for limit, keys in ((100, {}), (7, {"icmpPerSecond": 7}), (0, {"icmpPerSecond": 0}),
                        (1000, {"icmpPerSecond": 5000})):
        wire = Wire(VXLAN[4])
        case = Case(f"told-at-most-{limit}-a-second", [wire], tenant_keys={"acme": keys})
        frame = df_frame(length=1451)
        message = too_big(frame, 1450)
        for number in range(10_000):
            step = case.frame("access", frame, START_NS + number * 100_000)
            flood(step, wire, frame, message, number < limit)
        for number in range(limit + 3):
            step = case.frame("access", frame, START_NS + 1_000_000_000 + number)
            flood(step, wire, frame, message, number < limit)
        yield case
    yield each_its_own()


def flood(step, wire, frame, message, is_told):
    if is_told:
        step.tells("access", Plain(padded(message)), own(wire.tenant, wire.lan), len(frame), len(message))
    else:
        step.drops("too_big", wire, len(frame))


def each_its_own():
    """A tenant over its limit takes nothing from another."""
    a = Wire(VXLAN[4], vlan=1)
    b = Wire(GRE[4], tenant="beta", vlan=2)
    case = Case("told-each-tenant-its-own-limit", [a, b], tenant_keys={"acme": {"icmpPerSecond": 2}})
    for number in range(6):
        frame = df_frame(length=1500)
        if number < 2:
            told_on_port(case, a, frame, 1450, ((0x8100, 1),))
        else:
            case.frame("access", tagged(frame, 1)).drops("too_big", a, len(frame))
        told_on_port(case, b, frame, 1462, ((0x8100, 2),))
    return case


def cases():
    yield from into_every_tunnel()
    yield from out_of_every_tunnel()
    yield from through_two_tunnels()
    yield from between_attachments()
    yield from ip_packets()
    yield from own_mtu()
    yield from fields_of_the_message()
    yield from forbidden()
    yield from permitted()
    yield from receive_only()
    yield from limits()
