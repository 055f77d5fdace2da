#include "table/tunnel_template.h"

#include "packet/headers.h"
#include "packet/payload_sum.h"

namespace adit {

void set_template(const TunnelSpec& spec, IpProto proto, Packet& headers, Tunnel& tunnel) noexcept {
  // What is inherited stands as 0 in the template and is added to each packet.
  IpAddress nowhere;
  nowhere.family = spec.local.family;
  const IpFields ip{.source = spec.local,
                    .destination = spec.remote.value_or(nowhere),
                    .proto = proto,
                    .ttl = spec.ttl.value_or(0),
                    .traffic_class = static_cast<std::uint8_t>(spec.dscp.value_or(0) << 2),
                    .dont_fragment = spec.df == TunnelSpec::Df::kSet,
                    .flow_label = spec.flow_label.value_or(0)};
  if (!push_ip(headers, ip)) return;
  if (tunnel.family == IpFamily::kIpv4) {
    auto* header = headers.at<Ipv4Header>(0);
    header->total_length = std::uint16_t{0};
    header->checksum = static_cast<std::uint16_t>(~ipv4_checksum(*header).get());
  } else {
    headers.at<Ipv6Header>(0)->payload_length = std::uint16_t{0};
  }
  tunnel.set_outer(headers.data(), headers.size());
}

Endpoint build_in_udp(const TunnelSpec& spec, PushVni push, Tunnel& tunnel) {
  tunnel.id = spec.receive_id.value_or(0);
  tunnel.set_id_kind(IdKind::kVni);
  std::uint8_t memory[kMaxTemplateBytes];
  Packet headers(memory, sizeof memory, sizeof memory, 0);
  if (push(headers, spec.send_id.value_or(0)) &&
      push_udp(headers, {.source_port = 0, .destination_port = spec.udp_port})) {
    set_template(spec, IpProto::kUdp, headers, tunnel);
  }
  return {.local = spec.local, .type = spec.type, .udp_port = spec.udp_port};
}

void patch_udp(const Packet& packet, std::uint32_t l4_offset, const Tunnel& tunnel,
               const PushFields& fields) noexcept {
  auto* udp = packet.at<UdpHeader>(l4_offset);
  // The hash's upper half picks the port, its lower bits the flow label.
  const std::uint64_t ports = std::uint64_t{tunnel.source_port_span} + 1;
  udp->source_port =
      static_cast<std::uint16_t>(tunnel.source_port_min + ((fields.hash >> 32) * ports >> 32));
  const std::uint32_t bytes = packet.length() - l4_offset;
  udp->length = static_cast<std::uint16_t>(bytes);
  if (!tunnel.udp_checksum) return;
  const std::size_t address_bytes = tunnel.family == IpFamily::kIpv4 ? 4 : 16;
  const std::uint8_t* source = tunnel.remote_wire() - address_bytes;
  ChecksumSum sum =
      pseudo_header_sum(source, tunnel.remote_wire(), address_bytes, IpProto::kUdp, bytes);
  add_payload(sum, packet, l4_offset, bytes);
  const std::uint16_t checksum = sum.checksum().get();
  // A computed 0 is sent as all ones, because 0 says "no checksum" (RFC 768).
  udp->checksum = checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

bool read_sent_udp(const Packet& packet, std::uint32_t l4_offset, SentHeader& header) noexcept {
  constexpr unsigned kReservedBits = 8;
  const auto* words = packet.at<be64>(l4_offset + std::uint32_t{sizeof(UdpHeader)});
  if (words == nullptr) return false;
  header.word = static_cast<std::uint32_t>(words->get() >> 32);
  header.id = static_cast<std::uint32_t>(words->get()) >> kReservedBits;
  header.id_kind = IdKind::kVni;
  header.inner_offset = l4_offset + std::uint32_t{sizeof(UdpHeader) + sizeof *words};
  return true;
}

DropReason check_zero_checksum(const Packet& packet, const OuterPacket& outer,
                               const Tunnel& tunnel) noexcept {
  const bool is_zero = packet.at<UdpHeader>(outer.l4_offset)->checksum.raw() == 0;
  const bool is_refused =
      is_zero && outer.family == IpFamily::kIpv6 && !tunnel.accept_zero_checksum;
  return is_refused ? DropReason::k_zero_checksum : DropReason::kNone;
}

}  // namespace adit
