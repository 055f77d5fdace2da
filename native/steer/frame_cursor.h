/* Reading a received frame from its first byte on, without ever going past its last. A part of the
 * steering rules, see rules.h; plain C for both compilers. */
#pragma once

#include "steer/steer_abi.h"

#define STEER_INLINE static inline __attribute__((always_inline))
/* A function of its own in the program: what is rare neither takes registers from what is not, nor
 * multiplies the paths that the verifier walks. */
#ifdef __bpf__
#define STEER_RARE static __attribute__((noinline))
#else
#define STEER_RARE static inline
#endif

/* The part of the frame that has not been read yet. */
struct steer_cursor {
  const __u8* at;
  const __u8* end;
  __u32 offset; /* bytes of the frame before `at` */
};

/* Gives the next `bytes` bytes and moves behind them; 0, and nothing moved, when the frame ends
 * before. The kernel's verifier knows only the first way to compare; in C++ a pointer past the end
 * of the frame must not even be formed. Success is not told by a null pointer, because a program
 * without CAP_PERFMON may not compare a packet pointer with zero. */
STEER_INLINE int steer_take(struct steer_cursor* cursor, __u32 bytes, const __u8** taken) {
  *taken = cursor->at;
#ifdef __bpf__
  if (cursor->at + bytes > cursor->end) return 0;
#else
  if ((unsigned long)(cursor->end - cursor->at) < bytes) return 0;
#endif
  cursor->at += bytes;
  cursor->offset += bytes;
  return 1;
}

STEER_INLINE __u32 steer_be16(const __u8* at) { return (__u32)at[0] << 8 | at[1]; }

/* Are the 4 bytes the same? Never in a loop: packet pointers plus what the compiler counts are not
 * allowed without CAP_PERFMON. */
STEER_INLINE int steer_same_word(const __u8* a, const __u8* b) {
  return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}
