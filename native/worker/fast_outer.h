#pragma once

#include "table/endpoint_map.h"
#include "table/tunnel_map.h"
#include "worker/fast_burst.h"
#include "worker/outer_shape.h"

namespace adit {

/// What a burst's outer headers say, by place in the burst: what a tunnel is found by.
struct FastOuters {
  alignas(32) FastBurst::Column<std::uint32_t> hash;
  /// An IPv4 address as it stands in the packet; of IPv6, `TunnelMap::source_word`.
  alignas(32) FastBurst::Column<std::uint32_t> source;
  alignas(32) FastBurst::Column<std::uint32_t> id;
  alignas(32) FastBurst::Column<std::uint32_t> endpoint;
  alignas(32) FastBurst::Column<std::uint32_t> id_kind;
};

/// Reads outer headers one packet at a time, for one burst. It remembers the endpoint of the packet
/// before, which mostly is that of the next one, and what the headers of packets for it look like.
class OuterReader {
 public:
  OuterReader(const EndpointMap& endpoints, const TunnelMap& tunnels) noexcept
      : endpoints_(&endpoints), tunnels_(&tunnels) {}

  /// Reads packet `i` of a burst, up to the inner IP header; `from` is not kNone then.
  void read(const Packet& packet, std::size_t i, FastBurst& burst, FastOuters& outers) noexcept;

  /// What several packets at a time are compared with; null before there is any.
  [[nodiscard]] const OuterShape* shape() const noexcept { return has_shape_ ? &shape_ : nullptr; }

 private:
  /// One packet while it is read.
  struct Outer;

  [[nodiscard]] bool read_headers(const Packet& packet, Outer& outer) noexcept;
  [[nodiscard]] bool read_ipv4(const Packet& packet, Outer& outer) noexcept;
  [[nodiscard]] bool read_ipv6(const Packet& packet, Outer& outer) noexcept;
  template <typename Find>
  [[nodiscard]] bool read_l4(const std::uint8_t* frame, IpProto proto, Find find,
                             Outer& outer) noexcept;
  [[nodiscard]] bool read_vni(const std::uint8_t* header, Outer& outer) const noexcept;
  [[nodiscard]] bool read_gre(const std::uint8_t* header, Outer& outer) const noexcept;

  /// Sets `index_` and `type_` to the endpoint. \param udp_port as it stands in the packet; 0 of
  /// GRE. False where there is none.
  [[nodiscard]] bool find_ipv4(const std::uint8_t* address, IpProto proto,
                               std::uint16_t udp_port) noexcept;
  [[nodiscard]] bool find_ipv6(const std::uint8_t* address, IpProto proto,
                               std::uint16_t udp_port) noexcept;
  [[nodiscard]] bool look_up(const IpAddress& local, IpProto proto,
                             std::uint16_t udp_port) noexcept;

  const EndpointMap* endpoints_;
  const TunnelMap* tunnels_;
  /// 0: it was none.
  std::uint64_t ipv4_key_ = 0;
  std::uint32_t index_ = EndpointMap::kNone;
  TunnelType type_ = TunnelType::kVxlan;
  bool has_shape_ = false;
  OuterShape shape_;
};

}  // namespace adit
