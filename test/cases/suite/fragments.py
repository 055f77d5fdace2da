"""`"oversize": "fragment-inner"`: IPv4 without DF is cut before it goes into the tunnel (RFC 4459 §3.4)."""

from dataclasses import replace

from harness.case import Case, Link, Wire
from harness.frames import ether, patched, payload, stacked
from harness.icmp import ip_offset
from scapy.layers.inet import IP, UDP, IPOption
from scapy.packet import Raw

from .ip_members import ETHERNET, GIVEN, IpTunnel, framed
from .told import df_frame, told_on_port, with_ip
from .tunnels import EVERY, OVERHEAD, VXLAN

OPTIONS = {
    "none": [],
    # Record route is not copied, router alert is (RFC 791 §3.1, RFC 2113).
    "one-copied": [IPOption(b"\x07\x07\x04" + bytes(4)), IPOption(b"\x94\x04\x00\x00")],
    "none-copied": [IPOption(b"\x07\x0b\x04" + bytes(8))],
    "all-copied": [IPOption(b"\x83\x0b\x04" + bytes(8))],
}


def datagram(length=3000, flags=0, frag=0, options=(), tos=0):
    head = IP(src="10.0.0.1", dst="10.0.0.2", id=4711, flags=flags, frag=frag, options=list(options), tos=tos)
    body = payload(length - len(head) - 8)
    return bytes(head / UDP(sport=1000, dport=2000) / Raw(body))


def pieces(packet, limit):
    """What RFC 791 makes of the packet, worked out by hand: the first fragment keeps all options, the
    others those with the copied flag."""
    ip = IP(packet)
    header, body = packet[: ip.ihl * 4], packet[ip.ihl * 4 : ip.len]
    start, more = ip.frag * 8, "MF" in str(ip.flags)
    copied = b"".join(bytes(option) for option in ip.options if bytes(option)[0] & 0x80)
    copied += bytes(-len(copied) % 4)
    out, at = [], 0
    while at < len(body):
        options = header[20:] if at == 0 else copied
        room = limit - 20 - len(options)
        take = len(body) - at if len(body) - at <= room and at > 0 else room // 8 * 8
        is_last = at + take >= len(body)
        head = bytearray(header[:20] + options)
        head[0] = 0x40 | len(head) // 4
        head[2:4] = (len(head) + take).to_bytes(2, "big")
        flags = 0 if is_last and not more else 0x2000
        head[6:8] = (flags | (start + at) // 8).to_bytes(2, "big")
        head[10:12] = bytes(2)
        head[10:12] = checksum(head).to_bytes(2, "big")
        out.append(bytes(head) + body[at : at + take])
        at += take
    return out


def checksum(header):
    total = sum(int.from_bytes(header[at : at + 2], "big") for at in range(0, len(header), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def reassembled(parts):
    """The datagram that a host puts together."""
    parts = sorted((IP(part) for part in parts), key=lambda part: part.frag)
    body = b""
    for part in parts:
        assert part.frag * 8 == len(body) + parts[0].frag * 8
        body += bytes(part.payload)[: part.len - part.ihl * 4]
    return body


def cut(case, wire, frame, limit, tags=(), flow=None):
    """The tenant's frame leaves in pieces, each with its Ethernet header."""
    at = ip_offset(frame)
    link, packet = frame[:at], frame[at:]
    parts = pieces(packet, limit)
    assert reassembled(parts) == packet[IP(packet).ihl * 4 : IP(packet).len]
    assert all(len(part) <= limit for part in parts)
    frames = [link + part for part in parts]
    flow = flow or f"{case.name} {len(case.steps)}"
    step = case.frame(wire.port, stacked(frame, *tags))
    ecn = packet[1] & 3
    outs = [wire.tunnel.encap(part, ecn=ecn, flow=flow) for part in frames]
    step.sends("underlay", outs[0], None, len(frame), wire.inwards(), counted_out=len(frames[0]))
    step.more = [(out, len(part)) for out, part in zip(outs[1:], frames[1:])]


def through_every_tunnel():
    for name, tunnel in EVERY.items():
        for look, keys, tags, kept in (
            ("untagged", {}, (), ()),
            ("vlan", {"vlan": 7}, ((0x8100, 7),), ()),
            ("kept", {"vlan": 7, "keep_tag": True}, (), ((0x8100, 7),)),
        ):
            if kept and tunnel.type == "nvgre":
                continue
            wire = Wire(replace(tunnel, oversize="fragment-inner"), **keys)
            case = Case(f"fragments-{name}-{look}", [wire])
            limit = 1500 - OVERHEAD[name] - 4 * len(kept)
            for length in (limit + 1, 1500, 2 * limit - 24, 2 * limit, 4321):
                inner = stacked(frame_of(datagram(length, tos=2)), *kept)
                cut(case, wire, inner, limit, tags)
            # Padding behind the packet is in no fragment.
            inner = stacked(frame_of(datagram(2000)), *kept)
            cut_padded(case, wire, inner, inner + b"\xee" * 9, limit, tags)
            for family in (4, 6):
                told_on_port(case, wire, stacked(df_frame(family, limit + 1), *kept), limit, tags)
            yield case


def cut_padded(case, wire, inner, arrives, limit, tags):
    cut(case, wire, inner, limit, tags)
    step = case.steps[-1]
    step.frame = bytes(stacked(arrives, *tags))
    step.counted = len(arrives)


def frame_of(packet):
    return bytes(ether(type=0x0800)) + packet


def options_and_fragments():
    wire = Wire(replace(VXLAN[4], oversize="fragment-inner", mtu=1000))
    for name, options in OPTIONS.items():
        case = Case(f"fragments-options-{name}", [wire])
        for length in (1001, 2000, 2936, 5000):
            cut(case, wire, frame_of(datagram(length, options=options)), 1000)
        yield case
    case = Case("fragments-of-fragments", [wire], wild=True)
    for flags, frag in (("MF", 0), ("MF", 185), (0, 185), (0, 8000)):
        length = 1200 if frag == 8000 else 1500
        cut(case, wire, frame_of(datagram(length, flags=flags, frag=frag)), 1000)
    yield case


def not_cut():
    """Dropped whole: what is not sound, or would reassemble to more than an IP packet can be."""
    wire = Wire(replace(VXLAN[4], oversize="fragment-inner"))
    case = Case("fragments-none-of-what-is-not-sound", [wire], wild=True)
    good = frame_of(datagram(2000))
    bad_options = frame_of(datagram(2000, options=[IPOption(b"\x83\x03\x04"), IPOption(b"\x01")]))
    for frame in (
        patched(good, ETHERNET + 10, b"\x12\x34"),
        with_ip(good, len=2001),
        with_ip(good, len=1450),
        with_ip(bad_options, flags=0)[: ETHERNET + 21] + b"\x28" + bad_options[ETHERNET + 22 :],
        frame_of(datagram(2000, frag=8189)),
        patched(good, 12, b"\x88\xb5"),
    ):
        case.frame("access", frame).drops("too_big", wire, len(frame))
    yield case
    wire = Wire(replace(VXLAN[4], oversize="fragment-inner", mtu=576))
    case = Case("fragments-all-or-none", [wire])
    for port in case.gateway["ports"]:
        port["mtu"] = 65535
    # 63 fragments need more frames than a replay has beside them, or just as many.
    cut(case, wire, frame_of(datagram(20 + 552 * 40)), 576)
    frame = frame_of(datagram(65535))
    case.frame("access", frame).drops("no_frame", wire, len(frame))
    yield case


def ip_packets():
    tunnel = IpTunnel(oversize="fragment-inner")
    link = Link(GIVEN, tunnel)
    case = Case("fragments-gre-ip", [link])
    for length in (1477, 3000):
        packet = datagram(length)
        parts = pieces(packet, 1476)
        step = case.frame("access", framed(packet))
        outs = [tunnel.encap(part, flow=str(length)) for part in parts]
        step.sends("underlay", outs[0], None, len(packet) + ETHERNET, link.ends(GIVEN), counted_out=len(parts[0]))
        step.more = [(out, len(part)) for out, part in zip(outs[1:], parts[1:])]
    yield case


def towards_tenants():
    """An attachment's limit cuts nothing."""
    wire = Wire(replace(VXLAN[4], oversize="fragment-inner"), mtu=1000)
    case = Case("fragments-none-towards-the-tenant", [wire])
    frame = frame_of(datagram(1001))
    case.frame("underlay", wire.tunnel.incoming(frame)).drops("too_big", wire, len(frame))
    yield case


def sequences():
    """Each fragment has a sequence number of its own."""
    tunnel = replace(EVERY["gre-v4"], oversize="fragment-inner", sequence=True)
    wire = Wire(tunnel)
    case = Case("fragments-gre-sequence", [wire])
    frame = frame_of(datagram(3000))
    parts = [frame[:ETHERNET] + part for part in pieces(frame[ETHERNET:], 1458)]
    step = case.frame("access", frame)
    outs = [tunnel.encap(part, sequence=number) for number, part in enumerate(parts)]
    step.sends("underlay", outs[0], None, len(frame), wire.inwards(), counted_out=len(parts[0]))
    step.more = [(out, len(part)) for out, part in zip(outs[1:], parts[1:])]
    yield case


def cases():
    yield from through_every_tunnel()
    yield from options_and_fragments()
    yield from not_cut()
    yield from ip_packets()
    yield from towards_tenants()
    yield from sequences()
