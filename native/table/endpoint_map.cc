#include "table/endpoint_map.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace adit {

EndpointMap::EndpointMap(std::vector<Endpoint> endpoints, const HashSeed& seed)
    : endpoints_(std::move(endpoints)), seed_(seed) {
  slots_.assign(std::bit_ceil(2 * endpoints_.size() + 1), kNone);
  mask_ = slots_.size() - 1;
  for (std::uint32_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = endpoints_[i];
    std::uint64_t at = hash_of(endpoint.local, endpoint_proto(endpoint), endpoint.udp_port) & mask_;
    while (slots_[at] != kNone) at = (at + 1) & mask_;
    slots_[at] = i;
    locals_.push_back(endpoint.local);
  }
  std::ranges::sort(locals_);
}

std::uint64_t EndpointMap::hash_of(const IpAddress& local, IpProto proto,
                                   std::uint16_t udp_port) const noexcept {
  const std::uint64_t rest = (static_cast<std::uint64_t>(proto) << 24) |
                             (static_cast<std::uint64_t>(local.family) << 16) | udp_port;
  return mix(load64(local.bytes.data()) ^ seed_.words[0],
             load64(local.bytes.data() + 8) ^ rest ^ seed_.words[1]);
}

std::uint32_t EndpointMap::find(const IpAddress& local, IpProto proto,
                                std::uint16_t udp_port) const noexcept {
  for (std::uint64_t at = hash_of(local, proto, udp_port) & mask_;; at = (at + 1) & mask_) {
    const std::uint32_t index = slots_[at];
    if (index == kNone) return kNone;
    const Endpoint& endpoint = endpoints_[index];
    const bool same = endpoint.local == local && endpoint.udp_port == udp_port &&
                      endpoint_proto(endpoint) == proto;
    if (same) return index;
  }
}

bool EndpointMap::is_local(const IpAddress& address) const noexcept {
  return std::ranges::binary_search(locals_, address);
}

}  // namespace adit
