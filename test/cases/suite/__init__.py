"""All cases, in the order in which they run."""

from . import basic, checksum, commands, ecn, entropy, hostile, isolation, outer, sequence, size
from . import steering, tunnel_headers

PARTS = (basic, checksum, ecn, entropy, size, steering, outer, tunnel_headers)
PARTS += (isolation, sequence, hostile, commands)
ALL_CASES = [case for part in PARTS for case in part.cases()]
COMPARISONS = entropy.COMPARISONS
