/* The program at the driver's hook of one port: the rules of steer/rules.h, and the sockets that
 * take what is ours. `endpoints` and the two block maps are shared by all ports. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "steer/rules.h"

/* The AF_XDP socket of each RX queue. Sizes marked 1 are set before loading. */
struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} sockets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct steer_port);
} port SEC(".maps");

/* An array of words, not one big value: the verifier lets a program without CAP_PERFMON index an
 * array map by what stands in a packet, but not a value. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STEER_VID_WORDS);
  __type(key, __u32);
  __type(value, __u64);
} vids SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 1);
  __type(key, steer_double_key);
  __type(value, __u8);
} doubles SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, STEER_VERDICTS);
  __type(key, __u32);
  __type(value, __u64);
} counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 1);
  __type(key, struct steer_endpoint_key);
  __type(value, __u8);
} endpoints SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 1);
  __type(key, struct steer_prefix4_key);
  __type(value, __u8);
} block4 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 1);
  __type(key, struct steer_prefix6_key);
  __type(value, __u8);
} block6 SEC(".maps");

/* Whether the kernel has bpf_xdp_load_bytes (5.18). Set before loading; the verifier drops what is
 * not taken. The other way has to be allowed by CAP_PERFMON. */
const volatile __u8 has_load_bytes = 1;

struct steer_context {
  struct xdp_md* frame;
};

STEER_INLINE int steer_is_vid_claimed(const struct steer_context* context, enum steer_vid_set set,
                                      __u32 vid) {
  __u32 index = set * STEER_WORDS_OF_SET + vid / 64;
  const __u64* word = bpf_map_lookup_elem(&vids, &index);
  (void)context;
  return word && (*word >> (vid % 64) & 1) != 0;
}

STEER_INLINE int steer_is_double_claimed(const struct steer_context* context,
                                         steer_double_key key) {
  (void)context;
  return bpf_map_lookup_elem(&doubles, &key) != 0;
}

STEER_INLINE int steer_is_endpoint(const struct steer_context* context,
                                   const struct steer_endpoint_key* key) {
  (void)context;
  return bpf_map_lookup_elem(&endpoints, key) != 0;
}

STEER_INLINE int steer_is_blocked(const struct steer_context* context, __u8 family,
                                  const __u8* source) {
  (void)context;
  if (family == 4) {
    struct steer_prefix4_key key = {.length = 32};
    __builtin_memcpy(key.address, source, 4);
    return bpf_map_lookup_elem(&block4, &key) != 0;
  }
  struct steer_prefix6_key key = {.length = 128};
  __builtin_memcpy(key.address, source, 16);
  return bpf_map_lookup_elem(&block6, &key) != 0;
}

STEER_INLINE int steer_load(const struct steer_context* context, __u32 offset, void* to,
                            __u32 bytes) {
  if (has_load_bytes) return bpf_xdp_load_bytes(context->frame, offset, to, bytes) == 0;
  const __u8* at = (const __u8*)(long)context->frame->data + (offset & 0x7fff);
  if (at + bytes > (const __u8*)(long)context->frame->data_end) return 0;
  __builtin_memcpy(to, at, bytes);
  return 1;
}

STEER_INLINE int act_on(struct xdp_md* frame, enum steer_verdict verdict) {
  __u32 index = verdict;
  __u64* count = bpf_map_lookup_elem(&counters, &index);
  if (count) (*count)++;
  if (verdict == STEER_PASS) return XDP_PASS;
  if (verdict == STEER_BLOCKED) return XDP_DROP;
  /* A socket that goes away between the lookup and here leaves its frames to the kernel. */
  return (int)bpf_redirect_map(&sockets, frame->rx_queue_index, XDP_PASS);
}

/* Reads headers in the first buffer, and by bpf_xdp_load_bytes in any, so it serves with packets of
 * several buffers too; whether it is loaded for them is decided then. */
SEC("xdp")
int adit_steer(struct xdp_md* frame) {
  __u32 queue = frame->rx_queue_index;
  __u32 zero = 0;
  const struct steer_context context = {.frame = frame};
  const struct steer_port* rules;
  enum steer_verdict verdict;
  /* A queue without a socket is not served: nobody is there to take or to count. */
  if (!bpf_map_lookup_elem(&sockets, &queue)) return act_on(frame, STEER_PASS);
  rules = bpf_map_lookup_elem(&port, &zero);
  if (!rules) return act_on(frame, STEER_PASS);
  verdict = steer_decide(&context, rules, (const __u8*)(long)frame->data,
                         (const __u8*)(long)frame->data_end);
  return act_on(frame, verdict);
}

char program_license[] SEC("license") = "Dual BSD/GPL";
