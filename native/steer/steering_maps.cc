#include "steer/steering_maps.h"

#include <cstring>

#include "steer/keys.h"

namespace adit {
namespace {

// Entries are allocated as they come; what counts at once is 16 bytes a bucket of the hash map.
constexpr std::uint32_t kEndpointCapacity = 1U << 17;
constexpr std::uint32_t kPrefixCapacity = 1U << 20;

template <typename Key>
std::vector<Key> prefix_keys(const std::vector<IpPrefix>& prefixes, IpFamily family) {
  std::vector<Key> keys;
  for (const IpPrefix& prefix : prefixes) {
    if (prefix.address.family != family) continue;
    Key key{};
    key.length = prefix.length;
    std::memcpy(key.address, canonical(prefix).address.bytes.data(), sizeof key.address);
    keys.push_back(key);
  }
  return keys;
}

}  // namespace

SteeringMaps::SteeringMaps(const SteeringConfig& config)
    : endpoints_(BPF_MAP_TYPE_HASH, "endpoints",
                 capacity_for(config.endpoints.size(), kEndpointCapacity)),
      block4_(BPF_MAP_TYPE_LPM_TRIE, "block4", capacity_for(config.block.size(), kPrefixCapacity)),
      block6_(BPF_MAP_TYPE_LPM_TRIE, "block6", capacity_for(config.block.size(), kPrefixCapacity)) {
  update(config);
}

void SteeringMaps::update(const SteeringConfig& config) {
  std::vector<steer_endpoint_key> endpoints;
  endpoints.reserve(config.endpoints.size());
  for (const SteeringConfig::Endpoint& endpoint : config.endpoints) {
    endpoints.push_back(endpoint_key_of(endpoint));
  }
  try {
    endpoints_.stage(std::move(endpoints));
    block4_.stage(prefix_keys<steer_prefix4_key>(config.block, IpFamily::kIpv4));
    block6_.stage(prefix_keys<steer_prefix6_key>(config.block, IpFamily::kIpv6));
  } catch (...) {
    endpoints_.roll_back();
    block4_.roll_back();
    block6_.roll_back();
    throw;
  }
  endpoints_.commit();
  block4_.commit();
  block6_.commit();
}

}  // namespace adit
