/* What the program that writes frames and the one that loads it agree on. Offsets are those of an
 * untagged IPv4 packet without options, from its Ethernet header. */
#pragma once

/* Frames that the kernel makes at once, and that are paced as one. */
#define LOAD_BURST 64
/* The smallest frame, and what is written of one without a tunnel. */
#define LOAD_FRAME_BYTES 64
/* What is written of a frame in a tunnel, in words of 8 bytes: VXLAN's headers and the inner ones.
 */
#define LOAD_HEADER_WORDS 12

#define LOAD_IP_HEADER 14
#define LOAD_IP_HEADER_BYTES 20
#define LOAD_IP_CHECKSUM 24
#define LOAD_IP_DESTINATION_END 32
#define LOAD_UDP_SOURCE 34
