#include "traffic.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "packet/headers.h"
#include "packet/packet.h"
#include "wire/checksum.h"

namespace adit::bench {
namespace {

constexpr std::size_t kDraws = 1 << 20;
/// 7 of 64, 4 of 570, 1 of 1400 bytes, mixed.
constexpr std::array<std::uint32_t, 12> kImix = {64,   570, 64,  64, 570, 64,
                                                 1400, 64,  570, 64, 570, 64};
constexpr std::uint32_t kTags = 2 * sizeof(VlanTag);

bool is_udp(TunnelType type) noexcept {
  return type == TunnelType::kVxlan || type == TunnelType::kGeneve;
}

bool has_outer(const Scene& scene) noexcept {
  return scene.work == Work::kPop || scene.work == Work::kStitch;
}

/// The headers that the peer puts in front of an inner frame, with identifier 0.
std::vector<std::uint8_t> make_outer(const Scene& scene) {
  std::uint8_t memory[128];
  Packet packet(memory, sizeof memory, sizeof memory, 0);
  const bool udp = is_udp(scene.type);
  bool ok = true;
  if (scene.type == TunnelType::kVxlan) ok = push_vxlan(packet, 0);
  if (scene.type == TunnelType::kGeneve) ok = push_geneve(packet, 0);
  GreFields gre;
  gre.key = 0;
  if (!udp) ok = push_gre(packet, gre);
  if (udp) {
    const std::uint16_t port = scene.type == TunnelType::kVxlan ? 4789 : 6081;
    ok = ok && push_udp(packet, {.source_port = 50000, .destination_port = port});
  }
  IpFields ip{.source = remote_address(scene.outer_ipv6, 0),
              .destination = local_address(scene.outer_ipv6),
              .proto = udp ? IpProto::kUdp : IpProto::kGre};
  const EtherType type = scene.outer_ipv6 ? EtherType::kIpv6 : EtherType::kIpv4;
  ok = ok && push_ip(packet, ip) &&
       push_ethernet(packet, MacAddress{{2, 0, 0, 0, 0, 1}}, MacAddress{{2, 0, 0, 0, 0, 2}}, type);
  if (!ok) std::abort();
  return {packet.data(), packet.data() + packet.size()};
}

}  // namespace

Traffic::Traffic(const Scene& scene) : scene_(scene), outer_(make_outer(scene)) { draw_tunnels(); }

void Traffic::draw_tunnels() {
  tunnels_.resize(kDraws);
  std::mt19937_64 random(1);
  if (!scene_.zipf) {
    std::uniform_int_distribution<std::uint32_t> uniform(0, scene_.tunnels - 1);
    for (std::uint32_t& tunnel : tunnels_) tunnel = uniform(random);
    return;
  }
  // Rank k with a weight of 1/k; ranks are spread over the tunnels.
  std::vector<double> sums(scene_.tunnels);
  double sum = 0;
  for (std::uint32_t i = 0; i < scene_.tunnels; ++i) sums[i] = sum += 1.0 / (i + 1);
  std::vector<std::uint32_t> order(scene_.tunnels);
  for (std::uint32_t i = 0; i < scene_.tunnels; ++i) order[i] = i;
  std::ranges::shuffle(order, random);
  std::uniform_real_distribution<double> uniform(0, sum);
  for (std::uint32_t& tunnel : tunnels_) {
    const auto at = std::ranges::lower_bound(sums, uniform(random)) - sums.begin();
    tunnel = order[std::min<std::size_t>(static_cast<std::size_t>(at), scene_.tunnels - 1)];
  }
}

std::size_t Traffic::port() const noexcept {
  const bool is_outside = has_outer(scene_) || scene_.work == Work::kVlanPop;
  return is_outside ? kUnderlay : kAccess;
}

std::uint32_t Traffic::overhead() const noexcept {
  if (has_outer(scene_)) return static_cast<std::uint32_t>(outer_.size());
  if (scene_.work == Work::kVlanPop) return sizeof(VlanTag);
  return scene_.tagged ? kTags : 0;
}

std::uint32_t Traffic::next_bytes() noexcept {
  std::uint32_t inner = scene_.frame_bytes;
  if (inner == 0) {
    inner = kImix[next_size_];
    next_size_ = (next_size_ + 1) % kImix.size();
  }
  return inner + overhead();
}

void Traffic::write(std::uint8_t* frame, std::uint32_t bytes) noexcept {
  const std::uint32_t tunnel = tunnels_[next_tunnel_];
  next_tunnel_ = (next_tunnel_ + 1) % kDraws;
  const std::uint32_t inner_bytes = bytes - overhead();
  if (has_outer(scene_)) {
    // A stitch is fed from its first tunnel.
    write_outer(frame, bytes, scene_.work == Work::kStitch ? 0 : tunnel);
    write_inner(frame + outer_.size(), inner_bytes);
    return;
  }
  // Tags stand between the MAC addresses and the rest.
  const std::uint32_t tags = overhead();
  write_inner(frame + tags, inner_bytes);
  if (tags == 0) return;
  std::memmove(frame, frame + tags, 12);
  const VlanPair vlans = vlans_of(tunnel);
  be16 words[4];
  words[0] = static_cast<std::uint16_t>(tags == kTags ? EtherType::kServiceVlan : EtherType::kVlan);
  words[1] = vlans.outer;
  words[2] = static_cast<std::uint16_t>(EtherType::kVlan);
  words[3] = vlans.inner;
  std::memcpy(frame + 12, words, tags);
}

void Traffic::write_inner(std::uint8_t* frame, std::uint32_t bytes) noexcept {
  auto* ethernet = reinterpret_cast<EthernetHeader*>(frame);
  ethernet->destination = {{2, 0, 0, 0, 1, 1}};
  ethernet->source = {{2, 0, 0, 0, 1, 2}};
  ethernet->type = static_cast<std::uint16_t>(EtherType::kIpv4);
  auto* ip = reinterpret_cast<Ipv4Header*>(frame + sizeof *ethernet);
  *ip = {};
  ip->version_ihl = 0x45;
  ip->total_length = static_cast<std::uint16_t>(bytes - sizeof *ethernet);
  ip->flags_offset = Ipv4Header::kDontFragment;
  ip->ttl = 64;
  ip->protocol = static_cast<std::uint8_t>(IpProto::kUdp);
  const std::uint32_t flow = static_cast<std::uint32_t>(random_());
  std::memcpy(ip->source, &flow, sizeof flow);
  const std::uint8_t destination[4] = {10, 1, 0, 1};
  std::memcpy(ip->destination, destination, sizeof destination);
  ip->checksum = ipv4_checksum(*ip);
  be16 ports[2];
  ports[0] = static_cast<std::uint16_t>(flow >> 8);
  ports[1] = std::uint16_t{443};
  std::memcpy(frame + sizeof *ethernet + sizeof *ip, ports, sizeof ports);
}

void Traffic::write_outer(std::uint8_t* frame, std::uint32_t bytes, std::uint32_t tunnel) noexcept {
  std::memcpy(frame, outer_.data(), outer_.size());
  const auto ip_bytes = static_cast<std::uint16_t>(bytes - sizeof(EthernetHeader));
  std::uint8_t* const ip = frame + sizeof(EthernetHeader);
  const IpAddress remote = remote_address(scene_.outer_ipv6, tunnel % remotes_of(scene_));
  std::uint32_t l4 = sizeof(Ipv6Header);
  if (scene_.outer_ipv6) {
    auto* header = reinterpret_cast<Ipv6Header*>(ip);
    header->payload_length = static_cast<std::uint16_t>(ip_bytes - sizeof *header);
    std::memcpy(header->source, remote.bytes.data(), 16);
  } else {
    auto* header = reinterpret_cast<Ipv4Header*>(ip);
    header->total_length = ip_bytes;
    std::memcpy(header->source, remote.wire().data(), 4);
    header->checksum = std::uint16_t{0};
    header->checksum = ipv4_checksum(*header);
    l4 = sizeof *header;
  }
  if (is_udp(scene_.type)) {
    reinterpret_cast<UdpHeader*>(ip + l4)->length = static_cast<std::uint16_t>(ip_bytes - l4);
  }
  // VNI and NVGRE's VSID are the upper 24 bits of the last word before the inner frame, a GRE key
  // is all of it.
  const std::uint32_t id = id_of(scene_, tunnel);
  be32 word;
  word = scene_.type == TunnelType::kGre ? id : id << 8;
  std::memcpy(frame + outer_.size() - sizeof word, &word, sizeof word);
}

}  // namespace adit::bench
