"""The path MTU as ICMP errors from the underlay tell it: believed when they quote a tunnel's packet,
never raised, forgotten after ten minutes; all other ICMP changes nothing (threat T9)."""

from dataclasses import replace

from harness.case import START_NS, Case, Unused, Wire
from harness.frames import LOCAL, REMOTE, STRANGER, ip_frame, other_frame, patched, tagged
from harness.icmp_in import MIDDLE, error, mended, quote_of, too_big
from harness.tunnel import Tunnel
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from .ip_members import PLAIN
from .told import df_frame, told_on_port
from .tunnels import EVERY, GRE, KEYED, OVERHEAD, VXLAN

# Not IP, so that nobody is told anything about it.
INNER = other_frame(count=600)
LEAST = {4: 576, 6: 1280}
SECOND_NS = 1_000_000_000
EXPIRY_NS = 600 * SECOND_NS
NAMES = {id(tunnel): name for name, tunnel in EVERY.items()}


def one(name, tunnel, **wire):
    return Case(f"underlay-path-mtu-{name}", [Wire(tunnel, **wire)])


def consumed(case, packet, time_ns=None):
    case.frame("underlay", packet, time_ns).is_consumed(None, 0)


def dropped(case, packet, reason):
    case.frame("underlay", packet).drops(reason)


def fits(case, overhead, mtu, time_ns=None, wire=None):
    """A frame that makes `mtu` bytes of outer IP packet leaves, and one byte more does not."""
    wire = wire or case.wires[0]
    case.encaps(other_frame(count=mtu - overhead), wire)
    if time_ns is not None:
        case.steps[-1].time_ns = time_ns
    over = other_frame(count=mtu - overhead + 1)
    case.frame(wire.port, over, time_ns).drops("too_big", wire, len(over))


def every_type():
    """Each type and family: learned to the byte, and lower again; equal and higher ones are nothing."""
    for name, tunnel in EVERY.items():
        case = one(name, tunnel)
        fits(case, OVERHEAD[name], 1500)
        for told in (1400, 1400, 1499, 65535, 1500):
            consumed(case, too_big(tunnel, INNER, told))
            fits(case, OVERHEAD[name], 1400)
        consumed(case, too_big(tunnel, INNER, LEAST[tunnel.family]))
        fits(case, OVERHEAD[name], LEAST[tunnel.family])
        yield case


def told_from_then_on():
    """What the path takes is what senders are told, fragments are cut to, and MSS are clamped to."""
    for name, tunnel in EVERY.items():
        case = one(f"{name}-told-from-then-on", tunnel)
        consumed(case, too_big(tunnel, INNER, 1400))
        for family in (4, 6):
            fits = 1400 - OVERHEAD[name]
            told_on_port(case, case.wires[0], df_frame(family, fits + 1), fits)
            case.encaps(df_frame(family, fits), case.wires[0])
        yield case


def floors():
    """Below 576 on IPv4 and 1280 on IPv6 nothing is believed; IPv4's 0 is an old router's, and the
    next plateau below the quoted length stands for it (RFC 1191 §7.1)."""
    case = one("vxlan-v4-floors", VXLAN[4])
    for told in (68, 552, 575, 1):
        consumed(case, too_big(VXLAN[4], INNER, told))
        fits(case, 50, 1500)
    for quoted, plateau in ((1006, 1500), (1500, 1492), (1492, 1006)):
        consumed(case, too_big(VXLAN[4], other_frame(count=quoted - 50), 0))
        fits(case, 50, plateau)
    yield case
    case = one("vxlan-v6-floors", VXLAN[6])
    for told in (0, 68, 576, 1279):
        consumed(case, too_big(VXLAN[6], INNER, told))
        fits(case, 70, 1500)
    consumed(case, too_big(VXLAN[6], INNER, 1280))
    fits(case, 70, 1280)
    yield case


def expiry():
    """By the clock of the captures; what is refused meanwhile does not prolong it."""
    for family, tunnel in VXLAN.items():
        overhead = OVERHEAD[f"vxlan-v{family}"]
        case = one(f"vxlan-v{family}-expires", tunnel)
        consumed(case, too_big(tunnel, INNER, 1400), START_NS)
        consumed(case, too_big(tunnel, INNER, 1400), START_NS + 300 * SECOND_NS)
        consumed(case, too_big(tunnel, INNER, 1450), START_NS + 301 * SECOND_NS)
        fits(case, overhead, 1400, START_NS + EXPIRY_NS - 1_000_000)
        fits(case, overhead, 1500, START_NS + EXPIRY_NS)
        consumed(case, too_big(tunnel, INNER, 1450), START_NS + EXPIRY_NS + SECOND_NS)
        fits(case, overhead, 1450, START_NS + EXPIRY_NS + 2 * SECOND_NS)
        # A lower one lasts ten minutes from then on.
        consumed(case, too_big(tunnel, INNER, 1300), START_NS + EXPIRY_NS + 500 * SECOND_NS)
        fits(case, overhead, 1300, START_NS + 2 * EXPIRY_NS + 499 * SECOND_NS)
        fits(case, overhead, 1500, START_NS + 2 * EXPIRY_NS + 500 * SECOND_NS)
        yield case


def ignored():
    """`"ignore"` neither learns nor keeps to what a tunnel to the same remote learned."""
    deaf = Wire(Tunnel(path_mtu="ignore"), vlan=1)
    keen = Wire(Tunnel(id=7, path_mtu="learn"), lan="lan2", name="tun2", vlan=2)
    case = Case("underlay-path-mtu-ignore", [deaf, keen])

    def leaves(wire, vid, mtu):
        whole, over = other_frame(count=mtu - 50), other_frame(count=mtu - 49)
        case.encaps(whole, wire, arrives=tagged(whole, vid))
        step = case.frame("access", tagged(over, vid))
        step.drops("too_big", wire, len(over))

    consumed(case, too_big(deaf.tunnel, INNER, 1400))
    leaves(deaf, 1, 1500)
    leaves(keen, 2, 1500)
    consumed(case, too_big(keen.tunnel, INNER, 1400))
    leaves(deaf, 1, 1500)
    leaves(keen, 2, 1400)
    yield case


def forged():
    """One thing wrong at a time in what is quoted, or in the error: nothing is learned."""
    for name, tunnel in EVERY.items():
        family, case = tunnel.family, one(f"{name}-forged", tunnel)
        unknown = "unknown_vni" if tunnel.is_udp else "unknown_key"
        for other in (replace(tunnel, remote=STRANGER[family]), replace(tunnel, remote=MIDDLE[family])):
            dropped(case, too_big(other, INNER, 1400), "peer_not_allowed")
        if tunnel.id is not None:
            for identifier in (tunnel.id + 1, tunnel.id ^ 0x800000, tunnel.id - 1):
                dropped(case, too_big(tunnel.with_id(identifier), INNER, 1400), unknown)
        if tunnel.is_udp:
            for ports in ((1024, 1024), (49151, 49151)):
                other = replace(tunnel, source_ports=ports)
                dropped(case, too_big(other, INNER, 1400), "peer_not_allowed")
        elif tunnel.type == "gre":
            # Flags, or a protocol type, that the tunnel does not send.
            dropped(case, too_big(replace(tunnel, checksum=True), INNER, 1400), "peer_not_allowed")
            dropped(case, too_big(PLAIN[family].with_id(tunnel.id), ip_frame()[14:], 1400), "peer_not_allowed")
        whole = too_big(tunnel, INNER, 1400)
        icmp = 34 if family == 4 else 54
        dropped(case, patched(whole, icmp + 2, b"\xde\xad"), "bad_outer_checksum")
        dropped(case, patched(whole, len(whole) - 1, b"\xff"), "bad_outer_checksum")
        dropped(case, too_big(tunnel, INNER, 1400, source=LOCAL[family]), "bad_outer_source")
        group = "224.0.0.1" if family == 4 else "ff02::1"
        dropped(case, too_big(tunnel, INNER, 1400, source=group), "bad_outer_source")
        dropped(case, whole[: icmp + 60], "bad_outer_header")
        if family == 4:
            dropped(case, patched(whole, 24, b"\xde\xad"), "bad_outer_checksum")
        fits(case, OVERHEAD[name], 1500)
        yield case


def short_quotes():
    """A quote that ends before the identifier is not believed; one that shows it is."""
    for name, tunnel in EVERY.items():
        l4 = 20 if tunnel.family == 4 else 40
        # UDP and the eight bytes behind it; GRE with its key, or without one.
        need = l4 + (16 if tunnel.is_udp else 4 if tunnel.id is None else 8)
        ports = l4 + 4 if tunnel.is_udp else l4
        case = one(f"{name}-short-quotes", tunnel)
        for size in (0, l4 - 1, ports - 1):
            case.frame("underlay", too_big(tunnel, INNER, 1400, size=size)).to_kernel()
        for size in {ports, need - 1}:
            if size >= ports and size < need:
                dropped(case, too_big(tunnel, INNER, 1400, size=size), "truncated")
        fits(case, OVERHEAD[name], 1500)
        consumed(case, too_big(tunnel, INNER, 1400, size=need))
        fits(case, OVERHEAD[name], 1400)
        yield case


def optional_fields():
    """Of GRE with a checksum the key stands behind it; a sequence number need not be quoted."""
    for name, tunnel, need in (
        ("sequence", Tunnel("gre", id=7, sequence=True), 8),
        ("checksum", Tunnel("gre", id=7, checksum=True), 12),
        ("all", Tunnel("gre", id=7, checksum=True, sequence=True), 12),
    ):
        overhead = 34 + 4 + need + (4 if tunnel.sequence else 0) - 4
        case = one(f"gre-{name}-short-quotes", tunnel)
        quoting = {"sequence": 5} if tunnel.sequence else {}
        dropped(case, too_big(tunnel, INNER, 1400, size=20 + need - 1, **quoting), "truncated")
        consumed(case, too_big(tunnel, INNER, 1400, size=20 + need, **quoting))
        over = other_frame(count=1400 - overhead + 1)
        case.frame("access", over).drops("too_big", case.wires[0], len(over))
        case.encaps(other_frame(count=1400 - overhead), **({"sequence": 0} if tunnel.sequence else {}))
        yield case


def extensions():
    """RFC 4884: what stands behind the quoted bytes is no part of the quote."""
    case = one("vxlan-v4-extensions", VXLAN[4])
    # The identifier would stand in the extension only.
    short = quote_of(VXLAN[4], INNER)[:128]
    extension = b"\x20\x00" + bytes(2) + b"\x00\x08\x01\x01" + b"\xaa" * 4
    long_word = lambda words, mtu: words << 16 | mtu
    packet = error(VXLAN[4], ICMP(type=3, code=4, unused=0), short + extension)
    consumed(case, mended(packet, 38, long_word(32, 1400)))
    fits(case, 50, 1400)
    # Four words: the quote ends in the IP header, though bytes that look like the rest follow.
    dropped(case, mended(packet, 38, long_word(4, 1300)), "truncated")
    fits(case, 50, 1400)
    yield case
    case = one("vxlan-v6-extensions", VXLAN[6])
    unreachable = error(VXLAN[6], ICMPv6DestUnreach(code=0), quote_of(VXLAN[6], INNER)[:128] + extension)
    consumed(case, mended(unreachable, 58, 16 << 24))
    dropped(case, mended(unreachable, 58, 4 << 24), "truncated")
    yield case


def options_quoted():
    """The gateway sends no options, but routers add a few (RFC 2113); of such a quote the header's
    length says where the rest is."""
    case = one("vxlan-v4-quoted-options", VXLAN[4])
    quote = quote_of(VXLAN[4], INNER)
    longer = b"\x47" + quote[1:20] + b"\x94\x04\x00\x00\x01\x01\x01\x01" + quote[20:]
    consumed(case, error(VXLAN[4], ICMP(type=3, code=4, nexthopmtu=1400), longer))
    fits(case, 50, 1400)
    yield case


def kernels():
    """ICMP that is not about a tunnel's packet is the kernel's, untouched."""
    case = Case("underlay-path-mtu-others-to-kernel", [Wire(VXLAN[4]), Wire(VXLAN[6], lan="b", name="c", vlan=6)])
    to_kernel = lambda packet: case.frame("underlay", packet).to_kernel()
    quote4, quote6 = quote_of(VXLAN[4], INNER), quote_of(VXLAN[6], INNER)
    for icmp in (
        ICMP(type=5, code=1, gw="192.0.2.77"),
        ICMP(type=4),
        ICMP(type=8),
        ICMP(type=0),
    ):
        to_kernel(error(VXLAN[4], icmp, quote4))
    own = IP(src=LOCAL[4], dst=REMOTE[4])
    for quoted in (
        own / UDP(sport=50000, dport=53) / Raw(b"query"),
        own / UDP(sport=4789, dport=50000) / Raw(b"reply"),
        IP(src=LOCAL[4], dst=REMOTE[4], proto=47) / Raw(bytes(40)),
        IP(src=LOCAL[4], dst=REMOTE[4], proto=6) / Raw(b"\xc3\x50\x12\xb5" + bytes(16)),
        IP(src=REMOTE[4], dst=LOCAL[4]) / UDP(sport=50000, dport=4789) / Raw(bytes(40)),
        IP(src=LOCAL[4], dst=REMOTE[4], frag=1) / UDP(sport=50000, dport=4789) / Raw(bytes(40)),
    ):
        to_kernel(error(VXLAN[4], ICMP(type=3, code=4, nexthopmtu=1400), bytes(quoted)))
    whole = too_big(VXLAN[4], INNER, 1400)
    packet = Ether(whole)
    packet[IP].flags, packet[IP].chksum = "MF", None
    to_kernel(bytes(packet))
    packet[IP].flags, packet[IP].frag, packet[IP].chksum = 0, 1, None
    to_kernel(bytes(packet))
    to_kernel(patched(whole, 0, b"\x02\x00\x00\x00\x00\x99"))
    to_kernel(tagged(whole, 7))
    other6 = IPv6(src=LOCAL[6], dst=REMOTE[6]) / UDP(sport=50000, dport=53) / Raw(b"query")
    to_kernel(error(VXLAN[6], ICMPv6PacketTooBig(mtu=1400), bytes(other6)))
    to_kernel(error(VXLAN[6], ICMPv6PacketTooBig(mtu=1400), quote6[:39]))
    fits(case, 50, 1500)
    yield case


def other_errors():
    """They are the gateway's to keep; nothing else changes."""
    for name in ("vxlan-v4", "gre-key-v4"):
        tunnel = EVERY[name]
        case = one(f"{name}-other-errors", tunnel)
        for icmp in (
            *(ICMP(type=3, code=code) for code in (0, 1, 2, 3, 5, 9, 10, 13, 255)),
            ICMP(type=11, code=0),
            ICMP(type=11, code=1),
            ICMP(type=12, ptr=20),
        ):
            consumed(case, error(tunnel, icmp, quote_of(tunnel, INNER)))
        fits(case, OVERHEAD[name], 1500)
        yield case
    case = one("vxlan-v6-other-errors", VXLAN[6])
    for code in range(7):
        consumed(case, error(VXLAN[6], ICMPv6DestUnreach(code=code), quote_of(VXLAN[6], INNER)))
    for code in (0, 1):
        consumed(case, error(VXLAN[6], ICMPv6TimeExceeded(code=code), quote_of(VXLAN[6], INNER)))
    fits(case, 70, 1500)
    yield case


def asymmetric_keys():
    """What is quoted is what was sent: the key to send, not the one to receive."""
    tunnel = Tunnel("gre", 4, 100, send_key=200)
    case = one("gre-v4-two-keys", tunnel)
    dropped(case, too_big(replace(tunnel, send_key=100), INNER, 1400), "peer_not_allowed")
    dropped(case, too_big(replace(tunnel, send_key=300), INNER, 1400), "unknown_key")
    fits(case, 42, 1500)
    consumed(case, too_big(tunnel, INNER, 1400))
    fits(case, 42, 1400)
    yield case


def receive_only():
    """A tunnel without a remote sends nothing that could be quoted."""
    only = Tunnel(id=9, remote="any", accept_from=["198.51.100.0/24"])
    case = Case("underlay-path-mtu-receive-only", [Wire(VXLAN[4]), Unused(replace(only, name="ear"))])
    dropped(case, too_big(replace(only, remote=REMOTE[4]), INNER, 1400), "peer_not_allowed")
    fits(case, 50, 1500)
    yield case


def by_remote():
    """Learned for one remote, and for all tunnels to it; others are as they were."""
    wires = [
        Wire(Tunnel(id=1), lan="a", name="ta", vlan=1),
        Wire(Tunnel(id=2), lan="b", name="tb", vlan=2, tenant="other"),
        Wire(Tunnel(id=1, remote="198.51.100.8"), lan="c", name="tc", vlan=3),
    ]
    case = Case("underlay-path-mtu-by-remote", wires)
    consumed(case, too_big(wires[0].tunnel, INNER, 1400))
    for wire, mtu in zip(wires, (1400, 1400, 1500)):
        whole, over = other_frame(count=mtu - 50), other_frame(count=mtu - 49)
        case.encaps(whole, wire, arrives=tagged(whole, wire.vlan))
        case.frame("access", tagged(over, wire.vlan)).drops("too_big", wire, len(over))
    yield case


def in_a_vlan():
    """An underlay in a VLAN: the error carries its tag, too."""
    tunnel = Tunnel(port_vlan=7)
    case = one("vxlan-v4-tagged", tunnel)
    case.gateway["ports"][0]["vlan"] = 7
    consumed(case, too_big(tunnel, INNER, 1400))
    case.frame("underlay", too_big(VXLAN[4], INNER, 1300)).to_kernel()
    fits(case, 50, 1400)
    yield case


def blocked():
    case = one("vxlan-v4-blocked-router", VXLAN[4])
    case.gateway["block"] = [f"{MIDDLE[4]}/32"]
    dropped(case, too_big(VXLAN[4], INNER, 1400), "blocked_source")
    fits(case, 50, 1500)
    yield case


def cases():
    for part in (
        every_type,
        told_from_then_on,
        floors,
        expiry,
        ignored,
        forged,
        short_quotes,
        optional_fields,
        extensions,
        options_quoted,
        kernels,
        other_errors,
        asymmetric_keys,
        receive_only,
        by_remote,
        in_a_vlan,
        blocked,
    ):
        yield from part()
