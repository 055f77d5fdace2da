"""All cases, in the order in which they run."""

from . import basic, check_order, checksum, commands, confusion, ecn, entropy, fragments, geneve
from . import gre_fields
from . import hostile, inherit, inner_tags, ip_neighbor, ip_payload, isolation, loops, mss, nvgre, outer
from . import path_mtu, relayed
from . import sequence, size, sources, steering, stitching, tag_priority, tag_sets, translation
from . import told, tunnel_headers, udp_policy, underlay_port, wire_rules

PARTS = (basic, checksum, ecn, entropy, size, steering, outer, tunnel_headers)
PARTS += (geneve, nvgre, gre_fields, udp_policy, inherit, sources, check_order, confusion, loops)
PARTS += (tag_sets, tag_priority, inner_tags, translation, stitching, underlay_port)
PARTS += (ip_payload, ip_neighbor, wire_rules, told, fragments, mss, path_mtu, relayed)
PARTS += (isolation, sequence, hostile, commands)
ALL_CASES = [case for part in PARTS for case in part.cases()]
COMPARISONS = entropy.COMPARISONS
