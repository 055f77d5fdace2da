"""Flow entropy: UDP source port and IPv6 flow label follow the inner flow and nothing else."""

from harness.case import Case, Wire
from harness.frames import ether, ip_frame, other_frame, payload, stacked, tagged
from harness.judge import entropy
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.packet import Raw

from .tunnels import EVERY, GENEVE, GRE, NVGRE, VXLAN

FLOWS = 64


def many_flows(name, tunnel, seed=None, distinct=FLOWS - 4):
    """Every flow twice, with other lengths and in between the others."""
    case = Case(name, [Wire(tunnel)], seed=seed, distinct_flows=distinct)
    for length in (60, 900):
        for number in range(FLOWS):
            family = 4 if number % 2 == 0 else 6
            frame = ip_frame(family, length=length, sport=1000 + number // 2)
            case.encaps(frame, flow=str(number))
    return case


def what_makes_a_flow():
    """Each of source, destination, protocol and ports tells flows apart."""
    case = Case("access-6p-vxlan-addresses-and-ports-make-a-flow", [Wire(VXLAN[4])])
    case.distinct_flows = 6
    case.encaps(ip_frame(), flow="base")
    case.encaps(ip_frame(src="10.0.0.3"), flow="source")
    case.encaps(ip_frame(dst="10.0.0.3"), flow="destination")
    case.encaps(ip_frame(sport=1001), flow="source port")
    case.encaps(ip_frame(dport=2001), flow="destination port")
    tcp = ether() / IP(src="10.0.0.1", dst="10.0.0.2", proto=6) / Raw(ip_frame()[34:])
    case.encaps(bytes(tcp), flow="protocol")
    # The segment is cut off inside its header; a dissector may call that malformed.
    case.wild = True
    return case


def same_flow():
    """What differs between packets of one flow: lengths, IP identification, TTL, marks, tags."""
    case = Case("access-5p-vxlan-one-flow-one-port", [Wire(VXLAN[6], vlan=100)])
    plain = {"src": "10.0.0.1", "dst": "10.0.0.2"}
    udp = UDP(sport=1000, dport=2000) / Raw(payload(64))
    variants = [{}, {"id": 99}, {"ttl": 3}, {"tos": 0xB8}, {"flags": "DF"}]
    for pcp, fields in enumerate(variants):
        frame = bytes(ether() / IP(**plain, **fields) / udp)
        case.encaps(frame, flow="one", arrives=tagged(frame, 100, pcp=pcp))
    return case


def behind_tags():
    """Tags that stay on the frame are no part of the flow, and do not hide it."""
    for name, tunnel in (("vxlan", VXLAN[4]), ("geneve", GENEVE[6]), ("gre", GRE[6])):
        case = Case(f"access-{name}-flows-behind-tags", [Wire(tunnel, vlan="any")])
        case.distinct_flows = 28
        for tags in ((), ((0x8100, 5),), ((0x8100, 9, 7),), ((0x88A8, 5), (0x8100, 6))):
            for number in range(32):
                frame = ip_frame(4 if number % 2 else 6, sport=1000 + number)
                case.encaps(stacked(frame, *tags), flow=str(number))
        yield case


def not_by_the_tunnel():
    """Tunnels of one gateway give one flow one port: nothing but the inner headers decides."""
    wires = [Wire(VXLAN[4].with_id(n), lan=f"l{n}", name=f"t{n}", vlan=n) for n in (1, 2, 3)]
    case = Case("access-one-flow-in-three-tunnels-one-port", wires)
    for wire in wires:
        case.encaps(ip_frame(), wire, flow="one", arrives=tagged(ip_frame(), wire.vlan))
    return case


def fragments(name, tunnel):
    """RFC 6438 §3: all fragments of a datagram, and so all datagrams of these hosts, go one way."""
    case = Case(f"access-fragments-of-a-datagram-share-the-entropy-{name}", [Wire(tunnel)], wild=True)
    for sport in (1000, 1001):
        datagram = IP(src="10.0.0.1", dst="10.0.0.2", id=sport) / UDP(sport=sport, dport=2000)
        for piece in fragment(datagram / Raw(payload(3000)), 1200):
            case.encaps(bytes(ether() / piece), flow="v4")
    whole = bytes(UDP(sport=1000, dport=2000, chksum=1, len=2408) / Raw(payload(2400)))
    for offset in (0, 1200, 2400):
        more = 1 if offset < 2400 else 0
        header = IPv6ExtHdrFragment(nh=17, offset=offset // 8, m=more, id=5)
        ip = IPv6(src="fd00::1", dst="fd00::2") / header
        case.encaps(bytes(ether() / ip / Raw(whole[offset : offset + 1200])), flow="v6")
    return case


def not_ip_flows():
    """Where the payload is no IP, the MAC addresses and the type are the flow."""
    case = Case("access-4p-vxlan-not-ip-flows", [Wire(VXLAN[4])], distinct_flows=3)
    case.encaps(other_frame(), flow="base")
    case.encaps(other_frame(count=70), flow="base")
    case.encaps(other_frame(0x88B6), flow="type")
    case.encaps(other_frame(dst="02:0b:00:00:00:0c"), flow="destination")
    return case


def all_different(first, second):
    """Another seed, other values: at most chance ones agree."""
    a, b = entropy(*first), entropy(*second)
    same = [flow for flow in a if a[flow] == b[flow]]
    if len(same) > 4:
        yield f"{len(same)} of {len(a)} flows have the same entropy under both seeds"


def all_same(first, second):
    a, b = entropy(*first), entropy(*second)
    if a != b:
        yield "entropy differs though the seed is the same"


COMPARISONS = [
    ("seed-changes-entropy", ("entropy-vxlan-v4", "entropy-vxlan-v4-seed-2"), all_different),
    ("default-seed-is-1", ("entropy-vxlan-v4", "entropy-vxlan-v4-seed-1"), all_same),
    ("seed-changes-flow-label", ("entropy-gre-v6", "entropy-gre-v6-seed-7"), all_different),
    ("seed-changes-flow-id", ("entropy-nvgre-v4", "entropy-nvgre-v4-seed-7"), all_different),
    ("seed-changes-geneve", ("entropy-geneve-v4", "entropy-geneve-v4-seed-7"), all_different),
    ("seed-changes-geneve-v6", ("entropy-geneve-v6", "entropy-geneve-v6-seed-7"), all_different),
    ("seed-changes-nvgre-v6", ("entropy-nvgre-v6", "entropy-nvgre-v6-seed-7"), all_different),
]


def cases():
    yield many_flows("entropy-vxlan-v4", VXLAN[4])
    yield many_flows("entropy-vxlan-v4-seed-1", VXLAN[4], seed=1)
    yield many_flows("entropy-vxlan-v4-seed-2", VXLAN[4], seed=2)
    yield many_flows("entropy-vxlan-v6", VXLAN[6])
    yield many_flows("entropy-gre-v6", GRE[6])
    yield many_flows("entropy-gre-v6-seed-7", GRE[6], seed=7)
    for family in (4, 6):
        for seed in (None, 7):
            word = "" if seed is None else f"-seed-{seed}"
            yield many_flows(f"entropy-geneve-v{family}{word}", GENEVE[family], seed)
            # On IPv4 the FlowID alone: 64 flows, 256 values.
            distinct = 45 if family == 4 else FLOWS - 4
            yield many_flows(f"entropy-nvgre-v{family}{word}", NVGRE[family], seed, distinct)
    yield what_makes_a_flow()
    yield same_flow()
    yield from behind_tags()
    yield not_by_the_tunnel()
    for name, tunnel in EVERY.items():
        yield fragments(name, tunnel)
    yield not_ip_flows()
