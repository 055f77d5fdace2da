"""How two frames differ, for people."""

from difflib import unified_diff

from scapy.layers.l2 import Ether


def fields_of(frame):
    if len(frame) < 14:
        return [frame.hex()]
    # Without `show2`, because that would mend lengths and checksums.
    return Ether(frame).show(dump=True).splitlines()


def difference(expected, actual):
    """Empty when equal; else the first differing byte, and the differing fields as scapy reads them."""
    if expected == actual:
        return ""
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, actual)) if a != b),
        min(len(expected), len(actual)),
    )
    lines = [
        f"frames differ from byte {at} on; {len(expected)} bytes expected, {len(actual)} sent",
        f"  expected ... {expected[max(0, at - 4):at + 16].hex(' ')}",
        f"  sent     ... {actual[max(0, at - 4):at + 16].hex(' ')}",
    ]
    changes = unified_diff(fields_of(expected), fields_of(actual), "expected", "sent", "", "", 1)
    return "\n".join(lines + ["  " + line.rstrip() for line in changes])
