#include "packet/headers.h"

#include "packet/payload_sum.h"

namespace adit {
namespace {

template <typename H>
H* push_header(Packet& packet) noexcept {
  std::uint8_t* start = packet.push(sizeof(H));
  return reinterpret_cast<H*>(start);
}

bool push_ipv4(Packet& packet, const IpFields& fields) noexcept {
  if (packet.length() > 0xffff - sizeof(Ipv4Header)) return false;
  auto* ip = push_header<Ipv4Header>(packet);
  if (ip == nullptr) return false;
  *ip = Ipv4Header{};
  ip->version_ihl = Ipv4Header::kNoOptions;
  ip->tos = fields.traffic_class;
  ip->total_length = static_cast<std::uint16_t>(packet.length());
  ip->identification = fields.identification;
  ip->flags_offset = fields.dont_fragment ? Ipv4Header::kDontFragment : std::uint16_t{0};
  ip->ttl = fields.ttl;
  ip->protocol = static_cast<std::uint8_t>(fields.proto);
  std::memcpy(ip->source, fields.source.bytes.data(), 4);
  std::memcpy(ip->destination, fields.destination.bytes.data(), 4);
  ip->checksum = ipv4_checksum(*ip);
  return true;
}

bool push_ipv6(Packet& packet, const IpFields& fields) noexcept {
  const std::uint32_t payload = packet.length();
  if (payload > 0xffff || fields.flow_label > 0xfffff) return false;
  auto* ip = push_header<Ipv6Header>(packet);
  if (ip == nullptr) return false;
  ip->version_class_label =
      0x60000000U | (std::uint32_t{fields.traffic_class} << 20) | fields.flow_label;
  ip->payload_length = static_cast<std::uint16_t>(payload);
  ip->next_header = static_cast<std::uint8_t>(fields.proto);
  ip->hop_limit = fields.ttl;
  std::memcpy(ip->source, fields.source.bytes.data(), 16);
  std::memcpy(ip->destination, fields.destination.bytes.data(), 16);
  return true;
}

std::optional<IpFields> pop_ipv4(Packet& packet, const Ipv4Header& ip) noexcept {
  const std::uint32_t total = ip.total_length.get();
  const bool shape_ok =
      ip.version_ihl == Ipv4Header::kNoOptions && total >= sizeof ip && total <= packet.length();
  if (!shape_ok || ip.is_fragment() || ipv4_checksum(ip) != ip.checksum) return std::nullopt;
  IpFields fields;
  fields.source = IpAddress::v4(ip.source);
  fields.destination = IpAddress::v4(ip.destination);
  fields.proto = ip.proto();
  fields.ttl = ip.ttl;
  fields.traffic_class = ip.tos;
  fields.dont_fragment = (ip.flags_offset.get() & Ipv4Header::kDontFragment) != 0;
  fields.identification = ip.identification.get();
  static_cast<void>(packet.trim(total) && packet.pop(sizeof ip) != nullptr);
  return fields;
}

std::optional<IpFields> pop_ipv6(Packet& packet, const Ipv6Header& ip) noexcept {
  const std::uint32_t total = std::uint32_t{sizeof ip} + ip.payload_length.get();
  if (ip.version() != 6 || total > packet.length()) return std::nullopt;
  IpFields fields;
  fields.source = IpAddress::v6(ip.source);
  fields.destination = IpAddress::v6(ip.destination);
  fields.proto = static_cast<IpProto>(ip.next_header);
  fields.ttl = ip.hop_limit;
  fields.traffic_class = ip.traffic_class();
  fields.flow_label = ip.flow_label();
  static_cast<void>(packet.trim(total) && packet.pop(sizeof ip) != nullptr);
  return fields;
}

/// Sum over the GRE header and payload, the checksum field included.
ChecksumSum sum_of(const Packet& packet) noexcept {
  ChecksumSum sum;
  add_payload(sum, packet, 0, packet.length());
  return sum;
}

}  // namespace

bool push_ethernet(Packet& packet, const MacAddress& destination, const MacAddress& source,
                   EtherType type) noexcept {
  auto* ethernet = push_header<EthernetHeader>(packet);
  if (ethernet == nullptr) return false;
  ethernet->destination = destination;
  ethernet->source = source;
  ethernet->type = static_cast<std::uint16_t>(type);
  return true;
}

std::optional<EthernetHeader> pop_ethernet(Packet& packet) noexcept {
  const auto* ethernet = packet.at<EthernetHeader>(0);
  if (ethernet == nullptr || packet.pop(sizeof *ethernet) == nullptr) return std::nullopt;
  return *ethernet;
}

bool push_vlan(Packet& packet, VlanFields fields) noexcept {
  if (packet.at<EthernetHeader>(0) == nullptr) return false;
  std::uint8_t* start = packet.push(sizeof(VlanTag));
  if (start == nullptr) return false;
  std::memmove(start, start + sizeof(VlanTag), 2 * sizeof(MacAddress));
  auto* tag = packet.at<VlanTag>(2 * sizeof(MacAddress));
  tag->tpid = static_cast<std::uint16_t>(fields.tpid);
  tag->tci = fields.tci;
  return true;
}

std::optional<VlanFields> pop_vlan(Packet& packet) noexcept {
  const auto* ethernet = packet.at<EthernetHeader>(0);
  const auto* tag = packet.at<VlanTag>(2 * sizeof(MacAddress));
  // The EtherType behind the tag must be there too, else no Ethernet header
  // would remain.
  if (ethernet == nullptr || packet.size() < sizeof *ethernet + sizeof *tag) return std::nullopt;
  if (!is_vlan(ethernet->ether_type())) return std::nullopt;
  const VlanFields fields{ethernet->ether_type(), tag->tci.get()};
  std::uint8_t* start = packet.pop(sizeof *tag);
  std::memmove(start + sizeof *tag, start, 2 * sizeof(MacAddress));
  return fields;
}

bool push_ip(Packet& packet, const IpFields& fields) noexcept {
  if (fields.source.family != fields.destination.family) return false;
  return fields.source.family == IpFamily::kIpv4 ? push_ipv4(packet, fields)
                                                 : push_ipv6(packet, fields);
}

std::optional<IpFields> pop_ip(Packet& packet) noexcept {
  const auto* v4 = packet.at<Ipv4Header>(0);
  if (v4 != nullptr && v4->version() == 4) return pop_ipv4(packet, *v4);
  const auto* v6 = packet.at<Ipv6Header>(0);
  return v6 != nullptr ? pop_ipv6(packet, *v6) : std::nullopt;
}

bool push_udp(Packet& packet, UdpFields fields) noexcept {
  if (packet.length() > 0xffff - sizeof(UdpHeader)) return false;
  auto* udp = push_header<UdpHeader>(packet);
  if (udp == nullptr) return false;
  udp->source_port = fields.source_port;
  udp->destination_port = fields.destination_port;
  udp->length = static_cast<std::uint16_t>(packet.length());
  udp->checksum = std::uint16_t{0};
  return true;
}

std::optional<UdpFields> pop_udp(Packet& packet) noexcept {
  const auto* udp = packet.at<UdpHeader>(0);
  if (udp == nullptr) return std::nullopt;
  const std::uint32_t length = udp->length.get();
  if (length < sizeof *udp || length > packet.length()) return std::nullopt;
  const UdpFields fields{udp->source_port.get(), udp->destination_port.get()};
  static_cast<void>(packet.trim(length) && packet.pop(sizeof *udp) != nullptr);
  return fields;
}

bool set_udp_checksum(const Packet& packet) noexcept {
  const auto* v4 = packet.at<Ipv4Header>(0);
  if (v4 == nullptr) return false;
  const bool is_v4 = v4->version_ihl == Ipv4Header::kNoOptions && v4->proto() == IpProto::kUdp;
  const auto* v6 = packet.at<Ipv6Header>(0);
  const bool is_v6 = !is_v4 && v6 != nullptr && v6->version() == 6 &&
                     static_cast<IpProto>(v6->next_header) == IpProto::kUdp;
  if (!is_v4 && !is_v6) return false;
  const std::uint32_t offset = is_v4 ? sizeof *v4 : sizeof *v6;
  auto* udp = packet.at<UdpHeader>(offset);
  if (udp == nullptr) return false;
  const std::uint32_t bytes = udp->length.get();
  if (bytes < sizeof *udp || bytes > packet.length() - offset) return false;
  ChecksumSum sum = is_v4
                        ? pseudo_header_sum(v4->source, v4->destination, 4, IpProto::kUdp, bytes)
                        : pseudo_header_sum(v6->source, v6->destination, 16, IpProto::kUdp, bytes);
  udp->checksum = std::uint16_t{0};
  add_payload(sum, packet, offset, bytes);
  const be16 checksum = sum.checksum();
  udp->checksum = checksum.get() == 0 ? std::uint16_t{0xffff} : checksum.get();
  return true;
}

bool push_vxlan(Packet& packet, std::uint32_t vni) noexcept {
  if (vni > VxlanHeader::kMaxVni) return false;
  auto* vxlan = push_header<VxlanHeader>(packet);
  if (vxlan == nullptr) return false;
  *vxlan = VxlanHeader{};
  vxlan->flags = VxlanHeader::kVniValid;
  vxlan->vni_reserved = vni << 8;
  return true;
}

std::optional<std::uint32_t> pop_vxlan(Packet& packet) noexcept {
  const auto* vxlan = packet.at<VxlanHeader>(0);
  if (vxlan == nullptr || (vxlan->flags & VxlanHeader::kVniValid) == 0) return std::nullopt;
  const std::uint32_t vni = vxlan->vni();
  static_cast<void>(packet.pop(sizeof *vxlan));
  return vni;
}

bool push_geneve(Packet& packet, std::uint32_t vni) noexcept {
  if (vni > GeneveHeader::kMaxVni) return false;
  auto* geneve = push_header<GeneveHeader>(packet);
  if (geneve == nullptr) return false;
  *geneve = GeneveHeader{};
  geneve->protocol = static_cast<std::uint16_t>(EtherType::kTransparentEthernet);
  geneve->vni_reserved = vni << 8;
  return true;
}

bool are_geneve_options_ok(const Packet& packet, std::uint32_t offset, std::uint32_t end) noexcept {
  while (offset < end) {
    const auto* option = packet.at<GeneveOption>(offset);
    if (option == nullptr || option->bytes() > end - offset) return false;
    if ((option->type & GeneveOption::kCritical) != 0) return false;
    offset += option->bytes();
  }
  return true;
}

std::optional<std::uint32_t> pop_geneve(Packet& packet) noexcept {
  constexpr std::uint8_t kRefused = GeneveHeader::kControl | GeneveHeader::kCritical;
  const auto* geneve = packet.at<GeneveHeader>(0);
  if (geneve == nullptr || geneve->version() != 0 || (geneve->flags & kRefused) != 0) {
    return std::nullopt;
  }
  const std::uint32_t bytes = std::uint32_t{sizeof *geneve} + geneve->options_bytes();
  if (bytes > packet.size() || !are_geneve_options_ok(packet, sizeof *geneve, bytes)) {
    return std::nullopt;
  }
  const std::uint32_t vni = geneve->vni();
  static_cast<void>(packet.pop(bytes));
  return vni;
}

bool push_gre(Packet& packet, const GreFields& fields) noexcept {
  GreHeader header;
  header.flags_version = static_cast<std::uint16_t>((fields.checksum ? GreHeader::kChecksum : 0) |
                                                    (fields.key ? GreHeader::kKey : 0) |
                                                    (fields.sequence ? GreHeader::kSequence : 0));
  header.protocol = static_cast<std::uint16_t>(fields.protocol);
  if (packet.push(header.header_bytes()) == nullptr) return false;
  std::uint32_t offset = 0;
  const auto write = [&](const auto& field) {
    *packet.at<std::remove_cvref_t<decltype(field)>>(offset) = field;
    offset += std::uint32_t{sizeof field};
  };
  write(header);
  if (fields.checksum) write(GreChecksumField{});
  if (fields.key) write(be32{*fields.key});
  if (fields.sequence) write(be32{*fields.sequence});
  return true;
}

void set_gre_checksum(const Packet& packet) noexcept {
  const auto* gre = packet.at<GreHeader>(0);
  if (gre == nullptr || !gre->has(GreHeader::kChecksum)) return;
  auto* field = packet.at<GreChecksumField>(sizeof *gre);
  if (field == nullptr) return;
  field->checksum = std::uint16_t{0};
  field->checksum = sum_of(packet).checksum();
}

bool gre_checksum_ok(const Packet& packet) noexcept {
  const auto* gre = packet.at<GreHeader>(0);
  if (gre == nullptr || !gre->has(GreHeader::kChecksum)) return gre != nullptr;
  return sum_of(packet).verifies();
}

std::optional<GreFields> pop_gre(Packet& packet) noexcept {
  const auto* gre = packet.at<GreHeader>(0);
  if (gre == nullptr || gre->header_bytes() > packet.size()) return std::nullopt;
  const std::uint16_t flags = gre->flags_version.get();
  if ((flags & (GreHeader::kMustBeZero | GreHeader::kVersionMask)) != 0) return std::nullopt;
  if (!gre_checksum_ok(packet)) return std::nullopt;
  GreFields fields;
  fields.protocol = static_cast<EtherType>(gre->protocol.get());
  fields.checksum = gre->has(GreHeader::kChecksum);
  std::uint32_t offset = fields.checksum ? 8 : 4;
  if (gre->has(GreHeader::kKey)) {
    fields.key = packet.at<be32>(offset)->get();
    offset += std::uint32_t{sizeof(be32)};
  }
  if (gre->has(GreHeader::kSequence)) fields.sequence = packet.at<be32>(offset)->get();
  static_cast<void>(packet.pop(gre->header_bytes()));
  return fields;
}

}  // namespace adit
