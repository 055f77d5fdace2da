#include "steer/keys.h"

#include <cstring>

#include "wire/big_endian.h"

namespace adit {

steer_port steer_port_of(const SteeringConfig::Port& port) noexcept {
  steer_port facts{};
  std::memcpy(facts.mac, port.mac.bytes.data(), sizeof facts.mac);
  facts.takes_tunnels = port.takes_tunnels ? 1 : 0;
  return facts;
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
