/* Whose endpoint a packet names: an address of ours, with GRE or a UDP port of ours. A part of
 * rules.h; plain C for both compilers. */
#pragma once

#include "steer/frame_cursor.h"

/* The includer's own; only handed through. */
struct steer_context;

/* Is it an endpoint of ours? */
STEER_INLINE int steer_is_endpoint(const struct steer_context* context,
                                   const struct steer_endpoint_key* key);
/* Copies `bytes` bytes, which stand `offset` bytes into the frame, to `to`; 0 when the frame ends
 * before. For places that the packet itself decides on. */
STEER_INLINE int steer_load(const struct steer_context* context, __u32 offset, void* to,
                            __u32 bytes);

enum steer_number {
  STEER_ETHERNET_BYTES = 14,
  STEER_IPV4_BYTES = 20,
  STEER_IPV6_BYTES = 40,
  STEER_ICMP_BYTES = 8,
  STEER_EXTENSION_BYTES = 8, /* the shortest IPv6 extension header */
  STEER_MAX_EXTENSIONS = 8,

  STEER_TYPE_IPV4 = 0x0800,
  STEER_TYPE_IPV6 = 0x86dd,

  STEER_PROTO_HOP_BY_HOP = 0,
  STEER_PROTO_ICMP = 1,
  STEER_PROTO_UDP = 17,
  STEER_PROTO_ROUTING = 43,
  STEER_PROTO_FRAGMENT = 44,
  STEER_PROTO_GRE = 47,
  STEER_PROTO_AUTHENTICATION = 51,
  STEER_PROTO_ICMPV6 = 58,
  STEER_PROTO_DESTINATION_OPTIONS = 60,
};

/* Is there an endpoint of ours on the destination port that `port` points at, in wire order? */
STEER_INLINE int steer_is_udp_endpoint(const struct steer_context* context,
                                       struct steer_endpoint_key* key, const __u8* port) {
  key->proto = STEER_PROTO_UDP;
  __builtin_memcpy(&key->udp_port, port, 2);
  return steer_is_endpoint(context, key);
}

STEER_INLINE int steer_is_gre_endpoint(const struct steer_context* context,
                                       struct steer_endpoint_key* key) {
  key->proto = STEER_PROTO_GRE;
  return steer_is_endpoint(context, key);
}
