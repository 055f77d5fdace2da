"""VXLAN and GRE headers: flags, identifiers, options, and what stands behind them."""

from harness.case import Case, Wire
from harness.frames import L4_OFFSET, ether, ip_frame, padded, patched, payload, tagged
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE as GreHeader
from scapy.packet import Raw

from .tunnels import EVERY, GRE, KEYED, VXLAN

INNER = ip_frame()


def vxlan_flags():
    for family, tunnel in VXLAN.items():
        # On IPv6 the UDP checksum has to hold for the changed bytes.
        set_flags = lambda value: with_vxlan(tunnel, flags=value)
        case = Case(f"underlay-vxlan-v{family}-bad-flags-out-0p", [Wire(tunnel)])
        for flags in (0x00, 0x01, 0x80, 0xF7):
            case.frame("underlay", set_flags(flags)).drops("vxlan_flags")
        yield case
        case = Case(f"underlay-vxlan-v{family}-reserved-bits-are-ignored", [Wire(tunnel)])
        for flags in (0x09, 0x88, 0xFF):
            case.decaps(set_flags(flags), INNER)
        case.decaps(with_vxlan(tunnel, reserved1=0xFFFFFF, reserved2=0xFF), INNER)
        yield case


def with_vxlan(tunnel, **fields):
    packet = tunnel.incoming(INNER)
    header = packet["VXLAN"]
    word = bytearray(bytes(header)[:8])
    word[0] = fields.get("flags", word[0])
    word[1:4] = fields.get("reserved1", 0).to_bytes(3, "big")
    word[7] = fields.get("reserved2", 0)
    packet["UDP"].remove_payload()
    return packet / Raw(bytes(word) + INNER)


def unknown_vni():
    """Neighbours of the VNI, its bytes in another order, single bits turned: no other VNI matches."""
    vni = 0x123456
    others = [vni - 1, vni + 1, 0x563412, 0x341256, 0x12, 0x3456, 0, 0xFFFFFF]
    others += [vni ^ 1 << bit for bit in range(24)]
    for family in (4, 6):
        tunnel = VXLAN[family].with_id(vni)
        case = Case(f"underlay-32p-vxlan-v{family}-other-vni-out-0p", [Wire(tunnel)])
        for other in others:
            case.frame("underlay", tunnel.with_id(other).incoming(INNER)).drops("unknown_vni")
        case.decaps(tunnel.incoming(INNER), INNER)
        yield case


def unknown_key():
    """A key matches exactly; no key is not key 0."""
    key = 0x12345678
    others = [key - 1, key + 1, 0x78563412, 0x1234, 0, 0xFFFFFFFF]
    others += [key ^ 1 << bit for bit in range(32)]
    for family in (4, 6):
        tunnel = KEYED[family].with_id(key)
        case = Case(f"underlay-39p-gre-v{family}-other-key-or-none-out-0p", [Wire(tunnel)])
        for other in [*others, None]:
            case.frame("underlay", tunnel.with_id(other).incoming(INNER)).drops("unknown_key")
        case.decaps(tunnel.incoming(INNER), INNER)
        yield case
        case = Case(f"underlay-2p-gre-v{family}-key-on-keyless-tunnel-out-0p", [Wire(GRE[family])])
        for other in (0, 1):
            case.frame("underlay", tunnel.with_id(other).incoming(INNER)).drops("unknown_key")
        case.decaps(GRE[family].incoming(INNER), INNER)
        yield case
        case = Case(f"underlay-1p-gre-v{family}-no-key-is-not-key-0", [Wire(tunnel.with_id(0))])
        case.frame("underlay", GRE[family].incoming(INNER)).drops("unknown_key")
        case.decaps(tunnel.with_id(0).incoming(INNER), INNER)
        yield case


def with_gre(tunnel, flags=None, proto=0x6558, payload_bytes=INNER, **fields):
    """`flags`: the whole first word; `fields`: scapy's, for the optional parts."""
    if tunnel.id is not None:
        fields |= {"key_present": 1, "key": tunnel.id}
    header = bytes(GreHeader(proto=proto, **fields) / Raw(payload_bytes))
    if flags is not None:
        header = flags.to_bytes(2, "big") + header[2:]
    packet = tunnel.incoming(b"")
    layer = packet[IP] if tunnel.family == 4 else packet[IPv6]
    layer.remove_payload()
    layer.fields["proto" if tunnel.family == 4 else "nh"] = 47
    return packet / Raw(header)


def gre_flags():
    for family, tunnel in GRE.items():
        case = Case(f"underlay-gre-v{family}-bad-flags-out-0p", [Wire(tunnel)])
        # r and bits 4 and 5 (RFC 2784 §2.3), alone and with what is allowed.
        for bits in (0x4000, 0x0800, 0x0400, 0x4C00, 0x4000 | 0x03F8):
            case.frame("underlay", with_gre(tunnel, bits)).drops("gre_flags")
        for version in range(1, 8):
            case.frame("underlay", with_gre(tunnel, version)).drops("gre_version")
        yield case
        case = Case(f"underlay-gre-v{family}-bits-6-to-12-are-ignored", [Wire(tunnel)])
        for bits in (0x0008, 0x0200, 0x03F8):
            case.decaps(with_gre(tunnel, bits), INNER)
        yield case


def gre_protocol():
    for name, tunnel in (("gre", GRE[4]), ("gre-key", KEYED[6])):
        wire = Wire(tunnel)
        case = Case(f"underlay-{name}-other-protocol-out-0p", [wire])
        for proto in (0x0800, 0x86DD, 0x88BE, 0x8847, 0x0000, 0x5865):
            step = case.frame("underlay", with_gre(tunnel, proto=proto))
            step.drops("gre_protocol", wire, len(INNER))
        yield case


def gre_options():
    for name in ("gre-v4", "gre-v6", "gre-key-v4", "gre-key-v6"):
        tunnel = EVERY[name]
        wire = Wire(tunnel)
        case = Case(f"underlay-{name}-checksum-and-sequence-accepted", [wire])
        case.decaps(with_gre(tunnel, chksum_present=1), INNER)
        odd = ip_frame(length=101)
        case.decaps(with_gre(tunnel, chksum_present=1, payload_bytes=odd), odd)
        sequence = {"seqnum_present": 1, "sequence_number": 7}
        # Without `sequence` its numbers mean nothing, repeated or not.
        case.decaps(with_gre(tunnel, **sequence), INNER)
        case.decaps(with_gre(tunnel, **sequence), INNER)
        case.decaps(with_gre(tunnel, chksum_present=1, **sequence), INNER)
        yield case
        case = Case(f"underlay-{name}-bad-checksum-out-0p", [wire])
        good = bytes(with_gre(tunnel, chksum_present=1))
        at = L4_OFFSET[tunnel.family] + 4
        for place in (at, at + 1, at + 8, len(good) - 1):
            wrong = patched(good, place, bytes([good[place] ^ 0x10]))
            case.frame("underlay", wrong).drops("gre_checksum", wire, len(INNER))
        # `gre_protocol` is asked before the checksum.
        step = case.frame("underlay", patched(good, at - 2, b"\x08\x00"))
        step.drops("gre_protocol", wire, len(INNER))
        yield case


def truncated():
    """The datagram is sound and ends inside the tunnel header."""
    for family, tunnel in VXLAN.items():
        case = Case(f"underlay-8p-vxlan-v{family}-header-cut-out-0p", [Wire(tunnel)])
        for count in range(8):
            packet = tunnel.incoming(INNER)
            header = bytes(packet["VXLAN"])[:count]
            packet["UDP"].remove_payload()
            case.frame("underlay", packet / Raw(header)).drops("truncated")
        yield case
    for name in ("gre-v4", "gre-v6", "gre-key-v4", "gre-key-v6"):
        tunnel = EVERY[name]
        case = Case(f"underlay-{name}-header-cut-out-0p", [Wire(tunnel)])
        full = dict(chksum_present=1, seqnum_present=1, payload_bytes=b"")
        l4 = L4_OFFSET[tunnel.family]
        header = bytes(with_gre(tunnel, **full))[l4:]
        for count in range(len(header)):
            packet = with_gre(tunnel, **full)
            packet[Raw].load = header[:count]
            case.frame("underlay", packet).drops("truncated")
        yield case


def inner_frames():
    """The inner frame ends inside its Ethernet or IP header, or has a tag that the tenant must not."""
    for name, tunnel in EVERY.items():
        wire = Wire(tunnel)
        case = Case(f"underlay-{name}-inner-truncated-out-0p", [wire])
        ip6 = ip_frame(6)
        for inner in (*(INNER[:n] for n in (0, 1, 13, 14, 33)), ip6[:53]):
            step = case.frame("underlay", tunnel.incoming(inner))
            step.drops("inner_truncated", wire, len(inner))
        # The shortest frames that are whole.
        bare = bytes(ether(type=0x88B5))
        case.decaps(tunnel.incoming(bare), padded(bare), counted=14)
        yield case
        case = Case(f"underlay-{name}-inner-tag-out-0p", [wire])
        for inner in (
            tagged(INNER, 100),
            tagged(INNER, 0, pcp=5),
            tagged(INNER, 100, tpid=0x88A8),
            tagged(INNER, 100, 200),
            tagged(INNER, 4095),
        ):
            case.frame("underlay", tunnel.incoming(inner)).drops("inner_tag", wire, len(inner))
        yield case


def inner_ip_is_the_tenants():
    """Whatever an inner packet says of itself beyond its first header is not the gateway's business."""
    case = Case("access-and-underlay-odd-inner-ip-passes", [Wire(VXLAN[4])], wild=True)
    ends = {"src": "10.0.0.1", "dst": "10.0.0.2"}
    body = Raw(payload(64))
    for ip in (
        IP(**ends, ttl=0),
        IP(**ends, len=9000),
        IP(**ends, chksum=0x1234),
        IP(**ends, frag=100),
        IP(src="192.0.2.1", dst="198.51.100.7"),
        IP(src="127.0.0.1", dst="127.0.0.1"),
        IPv6(src="fd00::1", dst="fd00::2", hlim=0),
    ):
        frame = bytes(ether() / ip / body)
        case.encaps(frame)
        case.decaps(VXLAN[4].incoming(frame), frame)
    return case


def cases():
    yield from vxlan_flags()
    yield from unknown_vni()
    yield from unknown_key()
    yield from gre_flags()
    yield from gre_protocol()
    yield from gre_options()
    yield from truncated()
    yield from inner_frames()
    yield inner_ip_is_the_tenants()
