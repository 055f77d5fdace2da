"""Who may send into a tunnel: `acceptFrom`, and `remote: "any"`."""

from dataclasses import replace

from harness.case import Case, Wire
from harness.frames import LOCAL, REMOTE, STRANGER, ip_frame, tagged
from harness.tunnel import Tunnel

from .tunnels import EVERY, KINDS, VXLAN

INNER = ip_frame()


def accepting(tunnel, *prefixes):
    return replace(tunnel, accept_from=tuple(prefixes))


# Prefixes, sources inside (edges first), sources outside.
PREFIXES = {
    4: (
        ("203.0.113.64/26", "198.18.0.0/15", "192.0.2.77/32", "100.64.0.0/10"),
        ("203.0.113.64", "203.0.113.127", "198.18.0.0", "198.19.255.255", "192.0.2.77", "100.127.9.9"),
        ("203.0.113.63", "203.0.113.128", "198.17.255.255", "198.20.0.0", "192.0.2.76", "192.0.2.78"),
    ),
    6: (
        ("2001:db8:9::/48", "fd12::/15", "2001:db8::77/128"),
        ("2001:db8:9::", "2001:db8:9:ffff:ffff:ffff:ffff:ffff", "fd12::1", "fd13:ffff::")
        + ("2001:db8::77",),
        ("2001:db8:8:ffff:ffff:ffff:ffff:ffff", "2001:db8:a::", "fd11:ffff::", "fd14::")
        + ("2001:db8::78",),
    ),
}


def prefixes():
    for name, tunnel in EVERY.items():
        given, inside, outside = PREFIXES[tunnel.family]
        open_tunnel = accepting(tunnel, *given)
        case = Case(f"underlay-{name}-accept-from-inside-outside-and-edges", [Wire(open_tunnel)])
        for source in inside:
            case.decaps(tunnel.incoming(INNER, src=source), INNER)
        # Given, it replaces the default: the remote is not inside.
        for source in (*outside, REMOTE[tunnel.family]):
            case.frame("underlay", tunnel.incoming(INNER, src=source)).drops("peer_not_allowed")
        case.encaps(INNER)
        yield case


def everywhere():
    """The widest prefix still takes no source that cannot be a host's."""
    bad = {
        4: ["0.0.0.0", "255.255.255.255", "224.0.0.1", "239.1.2.3", LOCAL[4], "192.0.2.255"]
        + ["127.0.0.1", "127.255.255.254"],
        6: ["::", "::1", "ff02::1", "ff0e::1234", LOCAL[6]],
    }
    good = {
        4: ["198.51.100.7", "8.8.8.8", "223.255.255.255"],
        6: ["2001:db8:7::7", "fe80::9", "fd00::5"],
    }
    for name, tunnel in EVERY.items():
        family = tunnel.family
        wide = accepting(tunnel, "0.0.0.0/0" if family == 4 else "::/0")
        case = Case(f"underlay-{name}-accept-from-anywhere-but-bad-sources", [Wire(wide)])
        for source in bad[family]:
            case.frame("underlay", tunnel.incoming(INNER, src=source)).drops("bad_outer_source")
        for source in good[family]:
            case.decaps(tunnel.incoming(INNER, src=source), INNER)
        yield case


def other_local_addresses():
    """Every local endpoint is our own address, not only the packet's destination."""
    wide = accepting(VXLAN[4], "0.0.0.0/0")
    other = Wire(Tunnel(id=6, local="192.0.2.9"), lan="b", name="b-t", vlan=2)
    case = Case("underlay-vxlan-own-other-address-as-source-out-0p", [Wire(wide), other])
    forged = wide.incoming(INNER, src="192.0.2.9")
    case.frame("underlay", forged).drops("bad_outer_source")
    yield case


def own_port_addresses():
    """Every address of a port is our own, and the broadcast of its network names all hosts: of each
    port, whether tunnels end there or not, also where the source would only be a stranger."""
    ports = {
        "underlay": ["192.0.2.1/24", "2001:db8::1/64", "203.0.113.65/26", "198.18.0.8/31"],
        "access": ["10.1.2.3/22", "fd00:9::9/64"],
    }
    bad = {
        4: ("203.0.113.65", "203.0.113.127", "198.18.0.8", "10.1.2.3", "10.1.3.255", "192.0.2.255"),
        6: ("fd00:9::9",),
    }
    good = {
        4: ("203.0.113.64", "203.0.113.126", "203.0.113.255", "198.18.0.9", "10.1.2.255", "10.1.3.0"),
        6: ("fd00:9::8", "fd00:9::ffff:ffff:ffff:ffff"),
    }
    for name, tunnel in EVERY.items():
        family = tunnel.family
        wide = accepting(tunnel, "0.0.0.0/0" if family == 4 else "::/0")
        for of, wire in (("anywhere", Wire(wide)), ("its-remote", Wire(tunnel))):
            case = Case(f"underlay-{name}-own-ports-as-sources-of-a-tunnel-from-{of}", [wire])
            for port in case.gateway["ports"]:
                port["addresses"] = ports[port["name"]]
            for source in bad[family]:
                packet = tunnel.incoming(INNER, src=source)
                case.frame("underlay", packet).drops("bad_outer_source")
            for source in good[family]:
                packet = tunnel.incoming(INNER, src=source)
                if of == "anywhere":
                    case.decaps(packet, INNER)
                else:
                    case.frame("underlay", packet).drops("peer_not_allowed")
            yield case


def shared_identifier():
    """Tunnels with one VNI, VSID or key, told apart by their prefixes alone."""
    sources = {
        4: ("203.0.113.0/25", "203.0.113.128/25", "198.18.0.0/24"),
        6: ("2001:db8:9::/65", "2001:db8:9:0:8000::/65", "2001:db8:a::/64"),
    }
    hosts = {
        4: (
            ("203.0.113.1", "203.0.113.127"),
            ("203.0.113.128", "203.0.113.254"),
            ("198.18.0.0", "198.18.0.255"),
        ),
        6: (
            ("2001:db8:9::", "2001:db8:9:0:7fff:ffff:ffff:ffff"),
            ("2001:db8:9:0:8000::", "2001:db8:9:0:ffff:0:0:1"),
            ("2001:db8:a::1", "2001:db8:a:0:ffff::"),
        ),
    }
    strangers = {4: "198.18.1.0", 6: "2001:db8:b::9"}
    for name, tunnel in EVERY.items():
        wires = [
            Wire(accepting(tunnel, prefix), tenant=f"t{n}", vlan=n + 1)
            for n, prefix in enumerate(sources[tunnel.family])
        ]
        # And one with the default: its remote alone.
        wires.append(Wire(tunnel, tenant="t9", vlan=9))
        case = Case(f"underlay-{name}-one-id-told-apart-by-accept-from", wires)
        for wire, ends in zip(wires, (*hosts[tunnel.family], (REMOTE[tunnel.family],))):
            for source in ends:
                packet = tunnel.incoming(INNER, src=source)
                case.decaps(packet, tagged(INNER, wire.vlan), wire)
        stranger = tunnel.incoming(INNER, src=strangers[tunnel.family])
        case.frame("underlay", stranger).drops("peer_not_allowed")
        yield case


def many_prefixes():
    """A list of a thousand, each of one host, with gaps between them."""
    given = tuple(f"10.{n // 100}.{n % 100 * 2}.1/32" for n in range(1000))
    wide = accepting(VXLAN[4], *given)
    case = Case("underlay-vxlan-accept-from-1000-prefixes", [Wire(wide)])
    for n in range(0, 1000, 37):
        case.decaps(wide.incoming(INNER, src=f"10.{n // 100}.{n % 100 * 2}.1"), INNER)
        for source in (f"10.{n // 100}.{n % 100 * 2}.0", f"10.{n // 100}.{n % 100 * 2 + 1}.1"):
            case.frame("underlay", wide.incoming(INNER, src=source)).drops("peer_not_allowed")
    return case


def the_identifier_comes_first():
    wide = accepting(VXLAN[4], "203.0.113.0/24")
    case = Case("underlay-vxlan-accept-from-unknown-vni-before-source", [Wire(wide)])
    for source in ("203.0.113.1", "198.51.100.7", "224.0.0.1", "0.0.0.0"):
        packet = wide.with_id(1).incoming(INNER, src=source)
        case.frame("underlay", packet).drops("unknown_vni")
    return case


def any_remote():
    """Decapsulates only; what would be sent has nowhere to go."""
    for kind, tunnels in KINDS.items():
        for family, prefix in ((4, "198.51.100.0/24"), (6, "2001:db8:7::/64")):
            tunnel = accepting(replace(tunnels[family], remote="any"), prefix)
            wire = Wire(tunnel)
            case = Case(f"{kind}-v{family}-remote-any-receives-and-sends-nothing", [wire])
            for source in (REMOTE[family], "198.51.100.250" if family == 4 else "2001:db8:7::1:2"):
                case.decaps(tunnel.incoming(INNER, src=source), INNER)
                case.frame("access", INNER).drops("no_route", wire, len(INNER))
            stranger = tunnel.incoming(INNER, src=STRANGER[family])
            case.frame("underlay", stranger).drops("peer_not_allowed")
            yield case


def cases():
    yield from prefixes()
    yield from everywhere()
    yield from other_local_addresses()
    yield from own_port_addresses()
    yield from shared_identifier()
    yield many_prefixes()
    yield the_identifier_comes_first()
    yield from any_remote()
