#include "steer/host_rules.h"

#include <algorithm>

#include "steer/rules.h"

/// What rules.h asks its includer for: here, the sets of a HostRules and the frame itself.
struct steer_context {
  const adit::VidWords* vids;
  const std::vector<steer_double_key>* doubles;
  const adit::EndpointKeySet* endpoints;
  const adit::AddressRanges* block4;
  const adit::AddressRanges* block6;
  std::span<const std::uint8_t> frame;
  /// Whose first buffer `frame` is; null where it is all there is.
  const adit::Packet* packet;
};

STEER_INLINE int steer_is_vid_claimed(const steer_context* context, steer_vid_set set, __u32 vid) {
  const std::uint64_t word = (*context->vids)[set * STEER_WORDS_OF_SET + vid / 64];
  return (word >> (vid % 64) & 1) != 0 ? 1 : 0;
}

STEER_INLINE int steer_is_double_claimed(const steer_context* context, steer_double_key key) {
  return std::binary_search(context->doubles->begin(), context->doubles->end(), key) ? 1 : 0;
}

STEER_INLINE int steer_is_endpoint(const steer_context* context, const steer_endpoint_key* key) {
  return context->endpoints->contains(*key) ? 1 : 0;
}

STEER_INLINE int steer_is_blocked(const steer_context* context, __u8 family, const __u8* source) {
  if (family == 4) return context->block4->contains({source, 4}) ? 1 : 0;
  return context->block6->contains({source, 16}) ? 1 : 0;
}

STEER_INLINE int steer_load(const steer_context* context, __u32 offset, void* to, __u32 bytes) {
  if (context->packet != nullptr) return context->packet->load(offset, to, bytes) ? 1 : 0;
  const std::span<const std::uint8_t> frame = context->frame;
  if (frame.size() < offset || frame.size() - offset < bytes) return 0;
  std::memcpy(to, frame.data() + offset, bytes);
  return 1;
}

namespace adit {

std::size_t EndpointKeyHash::operator()(const steer_endpoint_key& key) const noexcept {
  static_assert(sizeof key == 20, "padding would be hashed");
  std::uint64_t words[3] = {};
  std::memcpy(words, &key, sizeof key);
  std::uint64_t hash = 0;
  for (const std::uint64_t word : words) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32;
  }
  return static_cast<std::size_t>(hash);
}

HostRules::HostRules(const SteeringConfig& config)
    : block4_(config.block, IpFamily::kIpv4), block6_(config.block, IpFamily::kIpv6) {
  ports_.reserve(config.ports.size());
  for (const SteeringConfig::Port& port : config.ports) {
    ports_.push_back({steer_port_of(port), vid_words_of(port), double_keys_of(port)});
    std::sort(ports_.back().doubles.begin(), ports_.back().doubles.end());
  }
  endpoints_.reserve(config.endpoints.size());
  for (const SteeringConfig::Endpoint& endpoint : config.endpoints) {
    endpoints_.insert(endpoint_key_of(endpoint));
  }
}

SteerVerdict HostRules::decide(std::size_t port,
                               std::span<const std::uint8_t> frame) const noexcept {
  return decide(port, frame, nullptr);
}

SteerVerdict HostRules::decide_on(std::size_t port, const Packet& packet) const noexcept {
  return decide(port, {packet.data(), packet.size()}, &packet);
}

SteerVerdict HostRules::decide(std::size_t port, std::span<const std::uint8_t> frame,
                               const Packet* packet) const noexcept {
  if (port >= ports_.size()) return STEER_PASS;
  const PortRules& rules = ports_[port];
  const steer_context context{&rules.vids, &rules.doubles, &endpoints_, &block4_,
                              &block6_,    frame,          packet};
  return steer_decide(&context, &rules.facts, frame.data(), frame.data() + frame.size());
}

}  // namespace adit
