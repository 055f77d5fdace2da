#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/table_spec.h"

namespace adit::bench {

/// What a scene's packets go through.
enum class Work : std::uint8_t {
  /// From an attachment into a tunnel.
  kPush,
  /// Out of a tunnel to an attachment.
  kPop,
  /// Out of a tunnel into another one.
  kStitch,
  /// From an untagged attachment to a tagged one, and back.
  kVlanPush,
  kVlanPop,
  /// From an attachment of two tags to one of two others.
  kRetag,
  /// From an untagged attachment to an untagged one: rings and service alone.
  kForward,
};

enum Ports : std::uint32_t { kAccess, kUnderlay, kPortCount };

/// What is measured: a kind of work over a number of tunnels.
struct Scene {
  std::string name;
  Work work = Work::kPush;
  TunnelType type = TunnelType::kVxlan;
  bool outer_ipv6 = false;
  /// Or pairs of attachments.
  std::uint32_t tunnels = 1;
  /// Each tenant's frames carry two VLAN tags of its own; else no tag, and there is one tunnel.
  bool tagged = false;
  /// The tunnels that packets take are drawn by Zipf's law with exponent 1, else uniformly.
  bool zipf = false;
  /// Bytes of a tenant's frame as it is inside the tunnel; 0: IMIX, 7 of 64, 4 of 570, 1 of 1400.
  std::uint32_t frame_bytes = 64;
  /// That share a table, each on a processor of its own.
  int workers = 1;
};

/// Remotes that the tunnels are spread over.
inline constexpr std::uint32_t kMostRemotes = 1000;
/// Tunnels of one tenant.
inline constexpr std::uint32_t kTunnelsPerTenant = 10;

[[nodiscard]] std::uint32_t remotes_of(const Scene& scene) noexcept;
[[nodiscard]] TableSpec table_of(const Scene& scene);

[[nodiscard]] IpAddress local_address(bool ipv6) noexcept;
[[nodiscard]] IpAddress remote_address(bool ipv6, std::uint32_t remote) noexcept;
/// VNI, VSID or key of a tunnel.
[[nodiscard]] std::uint32_t id_of(const Scene& scene, std::uint32_t tunnel) noexcept;
/// The two VLANs of a tunnel's attachment, where frames are tagged.
struct VlanPair {
  std::uint16_t outer;
  std::uint16_t inner;
};
[[nodiscard]] VlanPair vlans_of(std::uint32_t tunnel) noexcept;

/// All scenes, each with a name of its own.
[[nodiscard]] std::vector<Scene> all_scenes();

}  // namespace adit::bench
