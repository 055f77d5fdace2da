"""The tunnels that the cases use."""

from harness.tunnel import Tunnel

VXLAN = {4: Tunnel(), 6: Tunnel(family=6)}
GENEVE = {4: Tunnel("geneve"), 6: Tunnel("geneve", 6)}
GRE = {4: Tunnel("gre", id=None), 6: Tunnel("gre", 6, id=None)}
KEYED = {4: Tunnel("gre", id=0xA0B0C0D0), 6: Tunnel("gre", 6, id=0xA0B0C0D0)}
NVGRE = {4: Tunnel("nvgre", id=0x0A0B0C), 6: Tunnel("nvgre", 6, id=0x0A0B0C)}

# Kind of tunnel -> outer family -> tunnel.
KINDS = {"vxlan": VXLAN, "geneve": GENEVE, "gre": GRE, "gre-key": KEYED, "nvgre": NVGRE}
# Name in case names -> tunnel, over both address families.
EVERY = {
    f"{kind}-v{family}": by_family[family]
    for kind, by_family in KINDS.items()
    for family in (4, 6)
}
# Bytes added to the inner IP packet: inner Ethernet header, outer IP, tunnel headers.
OVERHEAD = {
    "vxlan-v4": 50,
    "vxlan-v6": 70,
    "geneve-v4": 50,
    "geneve-v6": 70,
    "gre-v4": 38,
    "gre-v6": 58,
    "gre-key-v4": 42,
    "gre-key-v6": 62,
    "nvgre-v4": 42,
    "nvgre-v6": 62,
}
