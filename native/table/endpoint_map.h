#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/mix.h"
#include "table/tunnel.h"

namespace adit {

/// Finds the endpoint that a packet is sent to: local address, IP protocol and
/// UDP port. There are few endpoints beside tunnels; open addressing, built
/// once.
class EndpointMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  EndpointMap(std::vector<Endpoint> endpoints, const HashSeed& seed);

  [[nodiscard]] std::span<const Endpoint> endpoints() const noexcept { return endpoints_; }
  [[nodiscard]] const Endpoint& at(std::uint32_t index) const noexcept { return endpoints_[index]; }
  /// \param udp_port 0 for protocols without ports.
  [[nodiscard]] std::uint32_t find(const IpAddress& local, IpProto proto,
                                   std::uint16_t udp_port) const noexcept;
  /// Whether `address` is the local address of any endpoint.
  [[nodiscard]] bool is_local(const IpAddress& address) const noexcept;

 private:
  [[nodiscard]] std::uint64_t hash_of(const IpAddress& local, IpProto proto,
                                      std::uint16_t udp_port) const noexcept;

  std::vector<Endpoint> endpoints_;
  HashSeed seed_;
  std::uint64_t mask_;
  std::vector<std::uint32_t> slots_;
  /// Sorted.
  std::vector<IpAddress> locals_;
};

}  // namespace adit
