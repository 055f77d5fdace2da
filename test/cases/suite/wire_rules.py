"""What a bridge or a router would refuse and a cross-connect, which is a wire, carries."""

from harness.case import Case, Wire
from harness.frames import ip_frame, other_frame

from .tunnels import EVERY


def link_local_groups():
    """01:80:C2:00:00:00-0F: spanning tree, PAUSE, LACP, LLDP and what else a bridge keeps."""
    for name, tunnel in EVERY.items():
        case = Case(f"cross-connect-carries-link-local-groups-{name}", [Wire(tunnel)], wild=True)
        for last in range(16):
            frame = other_frame(0x88CC, dst=f"01:80:c2:00:00:{last:02x}", count=60)
            case.encaps(frame)
            case.decaps(tunnel.incoming(frame), frame)
        yield case


def inner_source_is_an_endpoint():
    """An inner address that equals the gateway's own, or the tunnel's far end, is a tenant's own."""
    for name, tunnel in EVERY.items():
        case = Case(f"{name}-inner-source-is-an-endpoint", [Wire(tunnel)])
        ours, far = tunnel.local_address, tunnel.remote_address
        for src, dst in ((ours, far), (far, ours), (ours, ours), (far, far)):
            frame = ip_frame(tunnel.family, src=src, dst=dst)
            case.encaps(frame)
            case.decaps(tunnel.incoming(frame), frame)
        yield case


def cases():
    yield from link_local_groups()
    yield from inner_source_is_an_endpoint()
