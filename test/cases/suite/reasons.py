"""Every drop reason that a packet alone can cause appears in the suite; the list is the contract's."""

from collections import Counter

# The words, in the order of the public list.
REASONS = """
truncated bad_outer_header bad_outer_checksum outer_fragment outer_options bad_outer_source
udp_length zero_checksum vxlan_flags vxlan_reserved gre_flags gre_version gre_checksum
gre_checksum_missing gre_protocol gre_sequence geneve_version geneve_options geneve_control
unknown_tunnel unknown_vni unknown_key peer_not_allowed inner_truncated inner_tag inner_source
inner_loop inner_ttl ecn_congestion too_big no_headroom no_route no_neighbor not_ip not_for_router
split_horizon same_member no_flood_member static_move reserved_mac tag_mismatch blocked_source
policed port_down tx_full no_frame
""".split()

# What no packet of a replay can cause, and why.
NOT_BY_A_PACKET = {
    "unknown_tunnel": "only while the table changes",
    "no_headroom": "the loader refuses a table that does not fit",
    "inner_source": "needs `allowSources` or `block` of a tenant, not in this version",
    "split_horizon": "needs a bridge, not in this version",
    "same_member": "needs a bridge, not in this version",
    "static_move": "needs a bridge, not in this version",
    "policed": "needs `rate`, not in this version",
    "port_down": "ports of a replay are always up",
    "tx_full": "ports of a replay never fill",
}


def reason_faults(results):
    """`results`: those of all cases. Says which words never appeared, or should not have."""
    seen = Counter()
    for result in results:
        seen.update(result.counters["dropped"])
    for word in REASONS:
        if word not in seen and word not in NOT_BY_A_PACKET:
            yield f"no case drops a frame as {word}"
    for word in seen:
        if word not in REASONS:
            yield f"{word} is no word of the list"
        elif word in NOT_BY_A_PACKET:
            yield f"{word} appeared, though: {NOT_BY_A_PACKET[word]}"
