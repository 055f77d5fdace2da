/* The steering rules: is a received frame ours? One source, compiled twice: into the program in the
 * driver's hook, and into the data path, where replay, explain and the fuzzers decide the same
 * without privilege.
 *
 * In this order:
 *   1. the outermost IP source, untagged or behind up to two VLAN tags, is blocked: drop;
 *   2. the port takes tunnels, the frame has the one tag that they carry here, or none where they
 *      carry none, and is sent to the port's MAC, and to an endpoint of ours (address and IP
 *      protocol 47, or address and UDP port), or is an ICMP error about what we sent from one
 *      (error_rules.h): a tunnel's;
 *   3. its tags are claimed by an attachment of the port (tag_rules.h): the attachment's;
 *   4. all else is the kernel's.
 *
 * Whether a packet is ours is asked before whether it is sound: what is ours and broken has to
 * reach the data path to be dropped under its reason, and what is not ours is no concern of ours.
 * So versions, lengths and checksums are not looked at here, and what cannot be read because the
 * frame ends before it makes no match. Only bytes inside the frame are ever read. What is shorter
 * than an Ethernet header is no frame, and nobody's.
 *
 * The includer defines `struct steer_context` and the functions declared without a body here, in
 * endpoint_rules.h and in tag_rules.h. */
#pragma once

#include "steer/error_rules.h"
#include "steer/tag_rules.h"

/* Is the source, 4 or 16 bytes as the family (4 or 6) says, in a blocked prefix? */
STEER_INLINE int steer_is_blocked(const struct steer_context* context, __u8 family,
                                  const __u8* source);

STEER_INLINE int steer_same_mac(const __u8* a, const __u8* b) {
  return steer_same_word(a, b) && a[4] == b[4] && a[5] == b[5];
}

/* `ip` is the fixed header, the cursor behind it. A header length below 5 words counts as 5. */
STEER_INLINE int steer_is_ipv4_ours(const struct steer_context* context,
                                    struct steer_cursor* cursor, const __u8* ip) {
  struct steer_endpoint_key key;
  const __u8* ports;
  __u8 loaded[2];
  const __u32 header_bytes = (ip[0] & 0x0fU) * 4;
  if (ip[9] == STEER_PROTO_ICMP) return steer_is_ipv4_error(context, ip, cursor->offset);
  __builtin_memset(&key, 0, sizeof key);
  key.family = 4;
  __builtin_memcpy(key.address, ip + 16, 4);
  if (ip[9] == STEER_PROTO_GRE) return steer_is_gre_endpoint(context, &key);
  if (ip[9] != STEER_PROTO_UDP) return 0;
  /* Only the first fragment of a datagram shows its ports. */
  if ((steer_be16(ip + 6) & 0x1fff) != 0) return 0;
  if (header_bytes <= STEER_IPV4_BYTES) {
    if (!steer_take(cursor, 4, &ports)) return 0;
    return steer_is_udp_endpoint(context, &key, ports + 2);
  }
  if (!steer_load(context, cursor->offset - STEER_IPV4_BYTES + header_bytes + 2, loaded, 2)) {
    return 0;
  }
  return steer_is_udp_endpoint(context, &key, loaded);
}

STEER_INLINE int steer_is_extension(__u32 proto) {
  return proto == STEER_PROTO_HOP_BY_HOP || proto == STEER_PROTO_ROUTING ||
         proto == STEER_PROTO_FRAGMENT || proto == STEER_PROTO_AUTHENTICATION ||
         proto == STEER_PROTO_DESTINATION_OPTIONS;
}

/* Walks extension headers, the first of which is `offset` bytes into the frame, to the protocol
 * that they lead to (RFC 8200 §4; RFC 4302 §2.2: the authentication header counts words of 4
 * bytes, less 2). */
STEER_INLINE int steer_is_extended_ipv6_ours(const struct steer_context* context, __u32 offset,
                                             __u32 proto, struct steer_endpoint_key* key) {
  __u8 extension[STEER_EXTENSION_BYTES];
  int walked;
  for (walked = 0; walked < STEER_MAX_EXTENSIONS && steer_is_extension(proto); walked++) {
    if (!steer_load(context, offset, extension, STEER_EXTENSION_BYTES)) return 0;
    offset += STEER_EXTENSION_BYTES;
    if (proto == STEER_PROTO_FRAGMENT) {
      /* Behind the header of a later fragment stands data, not another header. */
      if ((steer_be16(extension + 2) & 0xfff8) != 0) {
        return extension[0] == STEER_PROTO_GRE && steer_is_gre_endpoint(context, key);
      }
    } else {
      offset += extension[1] * (proto == STEER_PROTO_AUTHENTICATION ? 4U : 8U);
    }
    proto = extension[0];
  }
  if (proto == STEER_PROTO_GRE) return steer_is_gre_endpoint(context, key);
  if (proto != STEER_PROTO_UDP) return 0;
  if (!steer_load(context, offset + 2, extension, 2)) return 0;
  return steer_is_udp_endpoint(context, key, extension);
}

/* `ip` is the fixed header, the cursor behind it. */
STEER_INLINE int steer_is_ipv6_ours(const struct steer_context* context,
                                    struct steer_cursor* cursor, const __u8* ip) {
  struct steer_endpoint_key key;
  const __u8* ports;
  if (ip[6] == STEER_PROTO_ICMPV6) return steer_is_ipv6_error(context, ip, cursor->offset);
  __builtin_memset(&key, 0, sizeof key);
  key.family = 6;
  __builtin_memcpy(key.address, ip + 24, 16);
  if (ip[6] == STEER_PROTO_GRE) return steer_is_gre_endpoint(context, &key);
  if (ip[6] != STEER_PROTO_UDP) {
    return steer_is_extended_ipv6_ours(context, cursor->offset, ip[6], &key);
  }
  if (!steer_take(cursor, 4, &ports)) return 0;
  return steer_is_udp_endpoint(context, &key, ports + 2);
}

/* Decides on the frame [data, end) received on `port`. */
STEER_INLINE enum steer_verdict steer_decide(const struct steer_context* context,
                                             const struct steer_port* port, const __u8* data,
                                             const __u8* end) {
  struct steer_cursor cursor;
  struct steer_tags tags;
  const __u8* ip;
  const __u8* ethernet;
  int tunnels;
  cursor.at = data;
  cursor.end = end;
  cursor.offset = 0;
  if (!steer_take(&cursor, STEER_ETHERNET_BYTES, &ethernet)) return STEER_PASS;
  steer_read_tags(&cursor, steer_be16(ethernet + 12), &tags);
  tunnels = port->takes_tunnels && steer_are_tunnel_tags(port, &tags) &&
            steer_same_mac(ethernet, port->mac);

  if (tags.type == STEER_TYPE_IPV4) {
    if (steer_take(&cursor, STEER_IPV4_BYTES, &ip)) {
      if (steer_is_blocked(context, 4, ip + 12)) return STEER_BLOCKED;
      if (tunnels && steer_is_ipv4_ours(context, &cursor, ip)) return STEER_TUNNEL;
    }
  } else if (tags.type == STEER_TYPE_IPV6) {
    if (steer_take(&cursor, STEER_IPV6_BYTES, &ip)) {
      if (steer_is_blocked(context, 6, ip + 8)) return STEER_BLOCKED;
      if (tunnels && steer_is_ipv6_ours(context, &cursor, ip)) return STEER_TUNNEL;
    }
  }
  return steer_are_tags_claimed(context, port, &tags) ? STEER_ATTACHMENT : STEER_PASS;
}
