#include "scene.h"

#include <algorithm>

namespace adit::bench {
namespace {

constexpr std::uint32_t kVlansPerOuter = 4000;
constexpr std::uint32_t kLowestVsid = 4096;

bool is_stitch(const Scene& scene) noexcept { return scene.work == Work::kStitch; }

TunnelSpec tunnel_of(const Scene& scene, std::uint32_t tunnel) {
  const std::uint32_t remote = tunnel % remotes_of(scene);
  TunnelSpec spec;
  spec.type = scene.type;
  spec.local = local_address(scene.outer_ipv6);
  spec.remote = remote_address(scene.outer_ipv6, remote);
  spec.next_hop = remote;
  spec.send_id = id_of(scene, tunnel);
  spec.receive_id = spec.send_id;
  const bool is_udp = scene.type == TunnelType::kVxlan || scene.type == TunnelType::kGeneve;
  if (is_udp) spec.udp_port = scene.type == TunnelType::kVxlan ? 4789 : 6081;
  // As deployed where speed counts: RFC 6935 allows it for tunnels.
  spec.udp_checksum = false;
  spec.accept_zero_checksum = scene.outer_ipv6;
  return spec;
}

AttachmentSpec attachment_of(const Scene& scene, std::uint32_t tunnel) {
  if (!scene.tagged) return {.port = kAccess};
  const VlanPair vlans = vlans_of(tunnel);
  return {.port = kAccess,
          .match = TagMatch::kDouble,
          .outer_tpid = EtherType::kServiceVlan,
          .outer = vlans.outer,
          .inner = vlans.inner};
}

TableSpec vlan_table() {
  TableSpec spec;
  spec.ports.resize(kPortCount);
  spec.members = {
      {.tenant = 0, .peer = 1, .kind = AttachmentSpec{.port = kAccess}},
      {.tenant = 0,
       .peer = 0,
       .kind =
           AttachmentSpec{
               .port = kUnderlay, .match = TagMatch::kSingle, .outer = vlans_of(0).outer}},
  };
  spec.tenants = 1;
  return spec;
}

/// Attachments whose frames get the next service VLAN.
TableSpec retag_table(const Scene& scene) {
  TableSpec spec;
  spec.ports.resize(kPortCount);
  for (std::uint32_t i = 0; i < scene.tunnels; ++i) {
    const std::uint32_t tenant = i / kTunnelsPerTenant;
    AttachmentSpec from = attachment_of(scene, i);
    AttachmentSpec to = from;
    to.port = kUnderlay;
    ++to.outer;
    const auto next = static_cast<std::uint32_t>(spec.members.size());
    spec.members.push_back({.tenant = tenant, .peer = next + 1, .kind = from});
    spec.members.push_back({.tenant = tenant, .peer = next, .kind = to});
  }
  spec.tenants = spec.members.back().tenant + 1;
  spec.seed = HashSeed::from(1);
  return spec;
}

TableSpec forward_table() {
  TableSpec spec = vlan_table();
  spec.members[1].kind = AttachmentSpec{.port = kUnderlay};
  return spec;
}

}  // namespace

std::uint32_t remotes_of(const Scene& scene) noexcept {
  return std::min(scene.tunnels, kMostRemotes);
}

IpAddress local_address(bool ipv6) noexcept { return remote_address(ipv6, 0x00ffffff); }

IpAddress remote_address(bool ipv6, std::uint32_t remote) noexcept {
  const auto byte = [remote](unsigned shift) { return static_cast<std::uint8_t>(remote >> shift); };
  const std::uint8_t four[4] = {10, byte(16), byte(8), byte(0)};
  const std::uint8_t six[16] = {0x20, 1, 0xd, 0xb8, 0, 0,        0,       0,
                                0,    0, 0,   0,    0, byte(16), byte(8), byte(0)};
  return ipv6 ? IpAddress::v6(six) : IpAddress::v4(four);
}

std::uint32_t id_of(const Scene& scene, std::uint32_t tunnel) noexcept {
  return scene.type == TunnelType::kNvgre ? kLowestVsid + tunnel : tunnel;
}

VlanPair vlans_of(std::uint32_t tunnel) noexcept {
  return {static_cast<std::uint16_t>(1 + tunnel / kVlansPerOuter),
          static_cast<std::uint16_t>(1 + tunnel % kVlansPerOuter)};
}

TableSpec table_of(const Scene& scene) {
  if (scene.work == Work::kForward) return forward_table();
  if (scene.work == Work::kVlanPush || scene.work == Work::kVlanPop) return vlan_table();
  if (scene.work == Work::kRetag) return retag_table(scene);
  TableSpec spec;
  spec.ports.resize(kPortCount);
  spec.ports[kUnderlay].takes_tunnels = true;
  const std::uint32_t tunnels = is_stitch(scene) ? 2 : scene.tunnels;
  for (std::uint32_t i = 0; i < tunnels; ++i) {
    const std::uint32_t tenant = is_stitch(scene) ? 0 : i / kTunnelsPerTenant;
    const auto next = static_cast<std::uint32_t>(spec.members.size());
    if (is_stitch(scene)) {
      spec.members.push_back({.tenant = 0, .peer = 1 - i, .kind = tunnel_of(scene, i)});
      continue;
    }
    spec.members.push_back({.tenant = tenant, .peer = next + 1, .kind = attachment_of(scene, i)});
    spec.members.push_back({.tenant = tenant, .peer = next, .kind = tunnel_of(scene, i)});
  }
  spec.tenants = spec.members.back().tenant + 1;
  spec.next_hops = remotes_of(scene);
  spec.seed = HashSeed::from(1);
  return spec;
}

std::vector<Scene> all_scenes() {
  std::vector<Scene> scenes;
  struct Kind {
    const char* name;
    TunnelType type;
  };
  constexpr Kind kKinds[] = {{"vxlan", TunnelType::kVxlan},
                             {"geneve", TunnelType::kGeneve},
                             {"gre", TunnelType::kGre},
                             {"nvgre", TunnelType::kNvgre}};
  struct Job {
    const char* name;
    Work work;
  };
  constexpr Job kJobs[] = {{"push", Work::kPush}, {"pop", Work::kPop}, {"stitch", Work::kStitch}};
  struct Size {
    const char* name;
    std::uint32_t bytes;
  };
  constexpr Size kSizes[] = {{"64", 64}, {"imix", 0}, {"1400", 1400}};

  for (const Size& size : kSizes) {
    const auto add = [&](std::string name, Scene scene) {
      scene.name = name + "/" + size.name;
      scene.frame_bytes = size.bytes;
      scenes.push_back(scene);
    };
    for (const Kind& kind : kKinds) {
      for (const bool ipv6 : {false, true}) {
        for (const Job& job : kJobs) {
          const std::string outer = ipv6 ? "/ipv6/" : "/ipv4/";
          add(kind.name + outer + job.name,
              {.name = {}, .work = job.work, .type = kind.type, .outer_ipv6 = ipv6});
        }
      }
    }
    add("vlan/push", {.name = {}, .work = Work::kVlanPush});
    add("vlan/pop", {.name = {}, .work = Work::kVlanPop});
    add("forward", {.name = {}, .work = Work::kForward});
  }
  for (const bool zipf : {false, true}) {
    for (const Job& job : {kJobs[0], kJobs[1]}) {
      for (const std::uint32_t tunnels : {1U, 1'000U, 100'000U, 1'000'000U}) {
        Scene scene{.name = {}, .work = job.work, .tunnels = tunnels, .tagged = true, .zipf = zipf};
        scene.name = std::string("scale/vxlan/") + job.name + (zipf ? "/zipf/" : "/uniform/") +
                     std::to_string(tunnels);
        scenes.push_back(scene);
      }
    }
  }
  for (const std::uint32_t pairs : {1U, 1'000U, 100'000U}) {
    scenes.push_back({.name = "scale/vlan/retag/uniform/" + std::to_string(pairs),
                      .work = Work::kRetag,
                      .tunnels = pairs,
                      .tagged = true});
  }
  for (const Job& job : {kJobs[0], kJobs[1]}) {
    for (const int workers : {1, 2}) {
      Scene scene{.name = {}, .work = job.work, .tunnels = 1'000, .tagged = true};
      scene.workers = workers;
      scene.name = std::string("workers/vxlan/") + job.name + "/" + std::to_string(workers);
      scenes.push_back(scene);
    }
  }
  return scenes;
}

}  // namespace adit::bench
