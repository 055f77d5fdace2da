#include "table/tunnel.h"

#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/udp.h"

namespace adit {
namespace {

void patch_ipv4(std::uint8_t* start, const Tunnel& tunnel, std::uint32_t bytes, Ecn ecn,
                std::uint16_t identification) noexcept {
  auto* ip = reinterpret_cast<Ipv4Header*>(start);
  const auto ecn_bits = static_cast<std::uint8_t>(ecn);
  ip->tos = static_cast<std::uint8_t>(ip->tos | ecn_bits);
  ip->total_length = static_cast<std::uint16_t>(bytes);
  std::uint32_t sum = ip->checksum.get();
  sum += bytes + ecn_bits;
  if (!tunnel.dont_fragment) {
    ip->identification = identification;
    sum += identification;
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  ip->checksum = static_cast<std::uint16_t>(~sum);
}

void patch_ipv6(std::uint8_t* start, std::uint32_t bytes, Ecn ecn, std::uint64_t hash) noexcept {
  auto* ip = reinterpret_cast<Ipv6Header*>(start);
  // Label 0 means "not labelled" (RFC 6437 §2), so the hash never yields it.
  const auto label = static_cast<std::uint32_t>(hash & 0xfffff);
  const std::uint32_t word = ip->version_class_label.get();
  ip->version_class_label =
      word | (static_cast<std::uint32_t>(ecn) << 20) | (label == 0 ? 1 : label);
  ip->payload_length = static_cast<std::uint16_t>(bytes - sizeof *ip);
}

void patch_udp(const Packet& packet, std::uint8_t* start, std::uint32_t ip_bytes,
               const Tunnel& tunnel, std::uint64_t hash) noexcept {
  auto* udp = reinterpret_cast<UdpHeader*>(start + ip_bytes);
  // The hash's upper half picks the port, its lower bits the flow label.
  const std::uint64_t ports = std::uint64_t{tunnel.source_port_span} + 1;
  udp->source_port =
      static_cast<std::uint16_t>(tunnel.source_port_min + ((hash >> 32) * ports >> 32));
  const std::uint32_t bytes = packet.size() - std::uint32_t{sizeof(EthernetHeader)} - ip_bytes;
  udp->length = static_cast<std::uint16_t>(bytes);
  if (!tunnel.udp_checksum) return;
  const std::size_t address_bytes = tunnel.family == IpFamily::kIpv4 ? 4 : 16;
  const std::uint8_t* source = tunnel.remote_wire() - address_bytes;
  ChecksumSum sum =
      pseudo_header_sum(source, tunnel.remote_wire(), address_bytes, IpProto::kUdp, bytes);
  sum.add(start + ip_bytes, bytes);
  const std::uint16_t checksum = sum.checksum().get();
  // A computed 0 is sent as all ones, because 0 says "no checksum" (RFC 768).
  udp->checksum = checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

}  // namespace

const TunnelTypeOps& tunnel_type_ops(TunnelType type) noexcept {
  static constexpr const TunnelTypeOps* kRegistry[] = {&kVxlanOps, &kGreOps};
  static_assert(sizeof kRegistry / sizeof kRegistry[0] ==
                static_cast<std::size_t>(TunnelType::kCount));
  return *kRegistry[static_cast<std::size_t>(type)];
}

void set_template(Tunnel& tunnel, const Packet& headers) noexcept {
  tunnel.template_bytes = static_cast<std::uint8_t>(headers.size());
  std::memcpy(tunnel.outer, headers.data(), headers.size());
  if (tunnel.family == IpFamily::kIpv4) {
    auto* ip = reinterpret_cast<Ipv4Header*>(tunnel.outer);
    ip->total_length = std::uint16_t{0};
    ip->identification = std::uint16_t{0};
    ip->checksum = static_cast<std::uint16_t>(~ipv4_checksum(*ip).get());
  } else {
    reinterpret_cast<Ipv6Header*>(tunnel.outer)->payload_length = std::uint16_t{0};
  }
}

DropReason push_tunnel(Packet& packet, const Tunnel& tunnel, Ecn ecn, std::uint64_t hash,
                       std::uint16_t identification) noexcept {
  std::uint8_t* ethernet =
      packet.push(tunnel.template_bytes + std::uint32_t{sizeof(EthernetHeader)});
  if (ethernet == nullptr) return DropReason::k_no_headroom;
  std::uint8_t* start = ethernet + sizeof(EthernetHeader);
  std::memcpy(start, tunnel.outer, tunnel.template_bytes);
  const std::uint32_t ip_bytes = packet.size() - std::uint32_t{sizeof(EthernetHeader)};
  const bool is_ipv4 = tunnel.family == IpFamily::kIpv4;
  reinterpret_cast<EthernetHeader*>(ethernet)->type =
      static_cast<std::uint16_t>(is_ipv4 ? EtherType::kIpv4 : EtherType::kIpv6);
  if (is_ipv4) {
    patch_ipv4(start, tunnel, ip_bytes, ecn, identification);
  } else {
    patch_ipv6(start, ip_bytes, ecn, hash);
  }
  if (tunnel.type != TunnelType::kGre) {
    patch_udp(packet, start, is_ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header), tunnel, hash);
  }
  return DropReason::kNone;
}

}  // namespace adit
