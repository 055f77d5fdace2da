"""The order of the receive checks: for every type, every pair of faults in one packet."""

from dataclasses import dataclass, field, replace
from itertools import combinations

from harness.case import Case, Wire
from harness.frames import STRANGER, ip_frame, stacked
from scapy.layers.inet import IP, UDP, IPOption_NOP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment

from .tunnels import KINDS

INNER = ip_frame()
IN_TAG = stacked(INNER, (0x8100, 5))
LATE = 3


@dataclass(frozen=True)
class Fault:
    """`stage`: its place in the order that the configuration's contract gives; faults of one stage
    are not put together. `matched`: the tunnel is known when it is found, so its member counts."""

    reason: str
    stage: int
    matched: bool = False
    # What it changes: keywords of `incoming`, and things done to the packet.
    keys: dict = field(default_factory=dict)
    inner: bytes = INNER
    does: str = ""


def faults_of(tunnel):
    yield Fault("bad_outer_header", 1, does="length")
    if tunnel.family == 4:
        yield Fault("bad_outer_checksum", 2, keys={"chksum": 1})
    if tunnel.is_udp:
        yield Fault("bad_outer_checksum", 3, does="udp checksum")
    yield Fault("outer_fragment", 4, does="fragment")
    yield Fault("outer_options", 5, does="options")
    yield from header_faults(tunnel)
    if tunnel.id is not None:
        yield Fault("unknown_vni" if tunnel.is_udp else "unknown_key", 7, does="id")
    else:
        yield Fault("unknown_key", 7, keys={"header": {"key_present": 1, "key": 0}})
    yield Fault("peer_not_allowed", 8, keys={"src": STRANGER[tunnel.family]})
    yield from own_faults(tunnel)
    yield Fault("inner_tag", 13, True, inner=IN_TAG)
    yield Fault("inner_truncated", 13, True, inner=INNER[:30])
    yield Fault("ecn_congestion", 14, True, keys={"ecn": 3})


def header_faults(tunnel):
    if tunnel.type == "vxlan":
        yield Fault("vxlan_flags", 6, keys={"header": {"flags": 0}})
    elif tunnel.type == "geneve":
        yield Fault("geneve_version", 6, keys={"header": {"version": 1}})
        yield Fault("geneve_control", 6, keys={"header": {"oam": 1}})
        yield Fault("geneve_options", 6, keys={"header": {"critical": 1}})
    else:
        yield Fault("gre_version", 6, keys={"header": {"version": 1}})
        yield Fault("gre_flags", 6, keys={"header": {"recursion_control": 4}})


def own_faults(tunnel):
    if tunnel.is_udp and tunnel.family == 6:
        yield Fault("zero_checksum", 9, True, keys={"checksum": False})
    if tunnel.type == "vxlan":
        yield Fault("vxlan_reserved", 10, True, does="reserved")
        return
    yield Fault("gre_protocol", 10, True, keys={"header": {"proto": 0x0800}})
    if tunnel.type == "gre":
        yield Fault("gre_checksum", 11, True, keys={"header": {"chksum": 0x1234}})
        yield Fault("gre_checksum_missing", 11, True, keys={"gre_checksum": False})
        yield Fault("gre_sequence", 12, True, keys={"sequence": LATE})


def strict(tunnel):
    """The tunnel with all that it can ask of a packet."""
    if tunnel.type == "vxlan":
        return replace(tunnel, reserved="drop")
    return replace(tunnel, checksum="require", sequence=True) if tunnel.type == "gre" else tunnel


def packet_with(tunnel, faults, number):
    """A packet of the tunnel that has these faults and no others."""
    keys = {"checksum": True, "header": {}}
    if tunnel.type == "gre":
        keys |= {"gre_checksum": True, "sequence": 100 + number}
    does = {fault.does for fault in faults} - {""}
    for fault in faults:
        header = keys["header"] | fault.keys.get("header", {})
        keys |= fault.keys | {"header": header}
    if "reserved" in does:
        # Bits 0x01 and 0x08 of the flags: scapy takes them as a number.
        keys["header"] = {"flags": 0x09} | keys["header"]
        if keys["header"]["flags"] == 0:
            keys["header"]["flags"] = 0x01
    if "id" in does:
        tunnel = tunnel.with_id(tunnel.id ^ 0x100)
    if "options" in does and tunnel.family == 4:
        keys["options"] = [IPOption_NOP()]
    if "fragment" in does and tunnel.family == 4:
        keys["flags"] = "MF"
    inner = next((fault.inner for fault in faults if fault.inner is not INNER), INNER)
    packet = tunnel.incoming(inner, **keys)
    return finished(tunnel, packet, does), inner


def finished(tunnel, packet, does):
    if tunnel.family == 6:
        packet = with_extensions(packet, does)
    if "udp checksum" in does:
        # What scapy computes, and one more.
        whole = packet.__class__(bytes(packet))
        packet[UDP].chksum = whole[UDP].chksum ^ 0x0101
    if "length" in does:
        ip = packet[IP] if tunnel.family == 4 else packet[IPv6]
        size = len(bytes(ip))
        if tunnel.family == 4:
            ip.len = size + 1
        else:
            ip.plen = size - 40 + 1
    return packet


def with_extensions(packet, does):
    headers = []
    if "options" in does:
        headers.append((60, IPv6ExtHdrDestOpt()))
    if "fragment" in does:
        headers.append((44, IPv6ExtHdrFragment(id=9)))
    if not headers:
        return packet
    rest = packet[IPv6].payload
    packet[IPv6].remove_payload()
    packet[IPv6].nh = headers[0][0]
    following = [kind for kind, _ in headers[1:]] + [17 if UDP in rest else 47]
    for (_, header), kind in zip(headers, following):
        header.nh = kind
        packet = packet / header
    return packet / rest


def every_pair():
    for kind, tunnels in KINDS.items():
        for family in (4, 6):
            tunnel = strict(tunnels[family])
            wire = Wire(tunnel)
            case = Case(f"check-order-{kind}-v{family}-two-faults-the-first-counts", [wire])
            start = {"sequence": 50, "gre_checksum": True} if tunnel.type == "gre" else {}
            case.decaps(tunnel.incoming(INNER, **start), INNER)
            faults = list(faults_of(tunnel))
            sets = [(fault,) for fault in faults]
            sets += [pair for pair in combinations(faults, 2) if pair[0].stage != pair[1].stage]
            for number, chosen in enumerate(sets):
                if contradict(chosen):
                    continue
                first = min(chosen, key=lambda fault: fault.stage)
                packet, inner = packet_with(tunnel, chosen, number)
                step = case.frame("underlay", packet)
                if first.matched:
                    step.drops(first.reason, wire, len(inner))
                else:
                    step.drops(first.reason)
            # None of them left anything behind.
            last = {"sequence": 51, "gre_checksum": True} if tunnel.type == "gre" else {}
            case.decaps(tunnel.incoming(INNER, **last), INNER)
            yield case


# Faults of which a packet can have only one; and what a fragment does not show.
EXCLUSIVE = (
    {"zero_checksum", "udp checksum"},
    {"inner_truncated", "ecn_congestion"},
    {"udp checksum", "fragment"},
)


def contradict(chosen):
    words = {fault.reason for fault in chosen} | {fault.does for fault in chosen}
    return any(pair <= words for pair in EXCLUSIVE)


def cases():
    yield from every_pair()
