/* What the steering program in the kernel and the process that loads it have in common. Plain C, so
 * that both compilers read the same layout. */
#pragma once

#include <linux/types.h>

/* What becomes of one received frame. The value is also the index of its counter. */
enum steer_verdict {
  STEER_PASS = 0,       /* left to the kernel */
  STEER_TUNNEL = 1,     /* to the data path: sent to a tunnel endpoint of ours, or an ICMP error */
  STEER_ATTACHMENT = 2, /* to the data path: its tags are claimed by an attachment */
  STEER_BLOCKED = 3,    /* dropped: its source is in a blocked prefix */
};

#define STEER_VERDICTS 4
#define STEER_VIDS 4096

/* The sets of claimed VIDs that a port has. */
enum steer_vid_set {
  STEER_ONE_TAG = 0,           /* one tag of TPID 0x8100 alone; VID 0 stands for untagged */
  STEER_OUTER_TAG = 1,         /* TPID 0x8100, whatever follows */
  STEER_OUTER_SERVICE_TAG = 2, /* TPID 0x88a8, whatever follows */
};

#define STEER_VID_SETS 3
/* A set is 64 words of 64 bits; one set's words follow the other's. */
#define STEER_WORDS_OF_SET (STEER_VIDS / 64)
#define STEER_VID_WORDS (STEER_VID_SETS * STEER_WORDS_OF_SET)

/* Two tags that are claimed together: the outer TPID (bit 24 set for 0x88a8), the outer VID and,
 * in the low 12 bits, the inner VID. */
typedef __u32 steer_double_key;

static inline __attribute__((always_inline)) steer_double_key steer_double_key_of(int service_tpid,
                                                                                  __u32 outer_vid,
                                                                                  __u32 inner_vid) {
  return (service_tpid ? 1U << 24 : 0U) | outer_vid << 12 | inner_vid;
}

/* One port. */
struct steer_port {
  __u8 mac[6];
  __u16 tunnel_vid; /* of the one tag that tunnel packets carry; 0: they carry none */
  __u8 takes_tunnels;
  __u8 claims_all; /* an attachment takes every frame */
};

/* One tunnel endpoint of ours. All bytes count, so unused ones are zero: an IPv4 address stands in
 * the first 4. `udp_port` is in wire order and 0 for GRE. */
struct steer_endpoint_key {
  __u8 address[16];
  __u16 udp_port;
  __u8 family; /* 4 or 6 */
  __u8 proto;  /* IP protocol number */
};

/* Keys of the two longest-prefix maps: the length in host order, then the address. */
struct steer_prefix4_key {
  __u32 length;
  __u8 address[4];
};

struct steer_prefix6_key {
  __u32 length;
  __u8 address[16];
};
