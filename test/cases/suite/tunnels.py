"""The tunnels that the cases use."""

from harness.tunnel import Tunnel

VXLAN = {4: Tunnel(), 6: Tunnel(family=6)}
GRE = {4: Tunnel("gre", id=None), 6: Tunnel("gre", 6, id=None)}
KEYED = {4: Tunnel("gre", id=0xA0B0C0D0), 6: Tunnel("gre", 6, id=0xA0B0C0D0)}

# Name in case names -> tunnel, over both address families.
EVERY = {
    f"{kind}-v{family}": by_family[family]
    for kind, by_family in (("vxlan", VXLAN), ("gre", GRE), ("gre-key", KEYED))
    for family in (4, 6)
}
# Bytes added to the inner IP packet: inner Ethernet header, outer IP, tunnel headers.
OVERHEAD = {
    "vxlan-v4": 50,
    "vxlan-v6": 70,
    "gre-v4": 38,
    "gre-v6": 58,
    "gre-key-v4": 42,
    "gre-key-v6": 62,
}
