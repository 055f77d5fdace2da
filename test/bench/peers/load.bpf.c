/* Writes the frames of the load. The kernel hands out frames whose memory it uses again without
 * clearing it, so every header is written anew each time: a TTL that routers lowered would soon be
 * 0. */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "load_abi.h"

/* Set before loading, so that the verifier sees numbers. */
const volatile __u64 header[LOAD_HEADER_WORDS];
/* Where the tenant's Ethernet header is: 0, or behind the tunnel's headers. */
const volatile __u32 inner;
/* The sum of the inner IPv4 header, as it is in memory, with a destination that ends in 0.0. */
const volatile __u32 inner_sum;
const volatile __u32 flow_mask;
/* 0 offers as much as there is time for. */
const volatile __u64 nanoseconds_a_burst;
const volatile __u32 verdict;

__u64 offered;
__u64 waited_nanoseconds;
__u64 began;
__u32 stopped;

struct wait {
  __u64 due;
  __u64 now;
};

static long wait_once(__u32 turn, struct wait* wait) {
  (void)turn;
  wait->now = bpf_ktime_get_ns();
  return wait->now >= wait->due;
}

/* Sleeping is not for BPF programs; what is waited here is told, and taken off the time used. */
static __always_inline void pace(__u64 number) {
  struct wait wait = {.now = bpf_ktime_get_ns()};
  const __u64 since = wait.now;
  if (began == 0) began = since;
  wait.due = began + number / LOAD_BURST * nanoseconds_a_burst;
  if (since > wait.due) {
    /* What another process kept from being sent is not sent later, in one burst, on top. */
    began += since - wait.due;
    return;
  }
  bpf_loop(1 << 20, wait_once, &wait, 0);
  waited_nanoseconds += wait.now - since;
}

SEC("xdp")
int adit_load(struct xdp_md* context) {
  __u8* frame = (void*)(long)context->data;
  const __u8* end = (void*)(long)context->data_end;
  if (stopped) return XDP_DROP;
  const __u64 number = offered++;
  if (nanoseconds_a_burst != 0 && number % LOAD_BURST == 0) pace(number);

  const __u32 bytes = inner == 0 ? LOAD_FRAME_BYTES : LOAD_HEADER_WORDS * 8;
  if (frame + bytes > end) return XDP_ABORTED;
  __u64* words = (void*)frame;
#pragma unroll
  for (__u32 i = 0; i < LOAD_HEADER_WORDS; i++) {
    if (i * 8 < bytes) words[i] = header[i];
  }
  const __u16 flow = bpf_htons(number & flow_mask);
  __u32 sum = inner_sum + flow;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  *(__u16*)(frame + inner + LOAD_IP_CHECKSUM) = ~sum;
  *(__u16*)(frame + inner + LOAD_IP_DESTINATION_END) = flow;
  *(__u16*)(frame + inner + LOAD_UDP_SOURCE) = bpf_htons(1024 + (number & flow_mask));
  if (inner != 0) {
    *(__u16*)(frame + LOAD_UDP_SOURCE) = bpf_htons(0xc000 + (number & flow_mask));
  }
  return verdict;
}

char program_license[] SEC("license") = "Dual BSD/GPL";
