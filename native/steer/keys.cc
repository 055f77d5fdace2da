#include "steer/keys.h"

#include <cstring>

#include "wire/big_endian.h"

namespace adit {

steer_port steer_port_of(const SteeringConfig::Port& port) noexcept {
  steer_port facts{};
  std::memcpy(facts.mac, port.mac.bytes.data(), sizeof facts.mac);
  facts.tunnel_vid = port.tunnel_vlan;
  facts.takes_tunnels = port.takes_tunnels ? 1 : 0;
  facts.claims_all = port.any ? 1 : 0;
  return facts;
}

VidWords vid_words_of(const SteeringConfig::Port& port) noexcept {
  VidWords words{};
  const auto add = [&words](steer_vid_set set, const std::bitset<STEER_VIDS>& vids) {
    for (std::size_t vid = 0; vid < STEER_VIDS; ++vid) {
      words[std::size_t{set} * STEER_WORDS_OF_SET + vid / 64] |= std::uint64_t{vids[vid]}
                                                                 << (vid % 64);
    }
  };
  add(STEER_ONE_TAG, port.vlans);
  add(STEER_OUTER_TAG, port.outer_vlans[0]);
  add(STEER_OUTER_SERVICE_TAG, port.outer_vlans[1]);
  return words;
}

std::vector<steer_double_key> double_keys_of(const SteeringConfig::Port& port) {
  std::vector<steer_double_key> keys;
  keys.reserve(port.doubles.size());
  for (const SteeringConfig::DoubleTag& tags : port.doubles) {
    keys.push_back(steer_double_key_of(tags.service_tpid ? 1 : 0, tags.outer, tags.inner));
  }
  return keys;
}

steer_endpoint_key endpoint_key_of(const SteeringConfig::Endpoint& endpoint) noexcept {
  steer_endpoint_key key{};
  std::memcpy(key.address, endpoint.local.bytes.data(), endpoint.local.size());
  key.family = static_cast<std::uint8_t>(endpoint.local.family);
  key.proto = static_cast<std::uint8_t>(endpoint.proto);
  if (endpoint.proto == IpProto::kUdp) {
    const be16 port{endpoint.udp_port};
    std::memcpy(&key.udp_port, &port, sizeof key.udp_port);
  }
  return key;
}

IpPrefix canonical(IpPrefix prefix) noexcept {
  for (std::size_t i = 0; i < prefix.address.bytes.size(); ++i) {
    const std::size_t before = i * 8;
    if (before >= prefix.length) {
      prefix.address.bytes[i] = 0;
    } else if (prefix.length - before < 8) {
      const auto mask = static_cast<std::uint8_t>(0xff00U >> (prefix.length - before));
      prefix.address.bytes[i] &= mask;
    }
  }
  return prefix;
}

}  // namespace adit
