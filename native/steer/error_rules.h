/* ICMP errors about packets that we sent: unfragmented, without IPv4 options or IPv6 extension
 * headers, sent to an address of ours, and quoting a packet from that address to a tunnel type that
 * we have there. Errors about the host's own packets, redirects and all that is no error are the
 * kernel's. Whether some tunnel really sent the packet is for the data path to say. A part of
 * rules.h; plain C for both compilers. */
#pragma once

#include "steer/endpoint_rules.h"

enum steer_icmp_number {
  STEER_ICMP_UNREACHABLE = 3, /* RFC 792 */
  STEER_ICMP_TIME_EXCEEDED = 11,
  STEER_ICMP_PARAMETER_PROBLEM = 12,
  STEER_ICMPV6_FIRST_ERROR = 1, /* RFC 4443: unreachable, too big, time exceeded, parameter */
  STEER_ICMPV6_LAST_ERROR = 4,
};

/* `ip` is the fixed header, `offset` bytes into the frame the byte behind it. What is
 * said is copied out before it is looked at, which spares the verifier pointers. */
STEER_RARE int steer_is_ipv4_error(const struct steer_context* context, const __u8* ip,
                                   __u32 offset) {
  struct steer_endpoint_key key;
  __u32 quoted_bytes;
  __u8 icmp[STEER_ICMP_BYTES + STEER_IPV4_BYTES];
  const __u8* quoted = icmp + STEER_ICMP_BYTES;
  if ((ip[0] & 0x0f) != 5 || (steer_be16(ip + 6) & 0x3fff) != 0) return 0;
  if (!steer_load(context, offset, icmp, sizeof icmp)) return 0;
  if (icmp[0] != STEER_ICMP_UNREACHABLE && icmp[0] != STEER_ICMP_TIME_EXCEEDED &&
      icmp[0] != STEER_ICMP_PARAMETER_PROBLEM) {
    return 0;
  }
  if (!steer_same_word(quoted + 12, ip + 16)) return 0;
  /* A header length below 5 words counts as 5. */
  quoted_bytes = (quoted[0] & 0x0fU) * 4;
  if (quoted_bytes < STEER_IPV4_BYTES) quoted_bytes = STEER_IPV4_BYTES;
  __builtin_memset(&key, 0, sizeof key);
  key.family = 4;
  __builtin_memcpy(key.address, quoted + 12, 4);
  if (quoted[9] == STEER_PROTO_GRE) return steer_is_gre_endpoint(context, &key);
  /* Only the first fragment of a datagram shows its ports. */
  if (quoted[9] != STEER_PROTO_UDP || (steer_be16(quoted + 6) & 0x1fff) != 0) return 0;
  offset += STEER_ICMP_BYTES;
  offset += quoted_bytes;
  if (!steer_load(context, offset + 2, icmp, 2)) return 0;
  return steer_is_udp_endpoint(context, &key, icmp);
}

/* As above. */
STEER_RARE int steer_is_ipv6_error(const struct steer_context* context, const __u8* ip,
                                   __u32 offset) {
  struct steer_endpoint_key key;
  __u8 icmp[STEER_ICMP_BYTES + STEER_IPV6_BYTES];
  const __u8* quoted = icmp + STEER_ICMP_BYTES;
  if (!steer_load(context, offset, icmp, sizeof icmp)) return 0;
  if (icmp[0] < STEER_ICMPV6_FIRST_ERROR || icmp[0] > STEER_ICMPV6_LAST_ERROR) return 0;
  if (!steer_same_word(quoted + 8, ip + 24) || !steer_same_word(quoted + 12, ip + 28) ||
      !steer_same_word(quoted + 16, ip + 32) || !steer_same_word(quoted + 20, ip + 36)) {
    return 0;
  }
  __builtin_memset(&key, 0, sizeof key);
  key.family = 6;
  __builtin_memcpy(key.address, quoted + 8, 16);
  if (quoted[6] == STEER_PROTO_GRE) return steer_is_gre_endpoint(context, &key);
  if (quoted[6] != STEER_PROTO_UDP) return 0;
  if (!steer_load(context, offset + sizeof icmp + 2, icmp, 2)) return 0;
  return steer_is_udp_endpoint(context, &key, icmp);
}
