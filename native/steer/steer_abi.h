/* What the steering program in the kernel and the process that loads it have in common. Plain C, so
 * that both compilers read the same layout. */
#pragma once

#include <linux/types.h>

/* What becomes of one received frame. The value is also the index of its counter. */
enum steer_verdict {
  STEER_PASS = 0,       /* left to the kernel */
  STEER_TUNNEL = 1,     /* to the data path: sent to a tunnel endpoint of ours */
  STEER_ATTACHMENT = 2, /* to the data path: its tags are claimed by an attachment */
  STEER_BLOCKED = 3,    /* dropped: its source is in a blocked prefix */
};

#define STEER_VERDICTS 4
#define STEER_VIDS 4096

/* The claimed VIDs of a port are 64 words of 64 bits; bit 0 of word 0 stands for untagged. */
#define STEER_VID_WORDS (STEER_VIDS / 64)

/* One port. */
struct steer_port {
  __u8 mac[6];
  __u8 takes_tunnels;
  __u8 reserved;
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
